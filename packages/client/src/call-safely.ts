/** Calls somebody else's function: what it throws is their uncaught error, and stops nothing here. */
export function callSafely<Args extends readonly unknown[]>(
  call: (...args: Args) => void,
  ...args: Args
): void {
  try {
    call(...args);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
