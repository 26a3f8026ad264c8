/** Whoever waits for an outcome: called once, by one of the two. */
export interface Waiter<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/** Takes a waiter off the list; it is called no more. */
export type Forget = () => void;

/** There is nothing to take off. */
export const forgotten: Forget = () => undefined;
