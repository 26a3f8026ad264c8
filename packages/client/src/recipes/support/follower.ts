import type { Client } from '../../client.ts';
import { ClientError, isClientError } from '../../errors.ts';
import { Alarm } from './alarm.ts';
import { isAborted, persist } from './persist.ts';

/** Until when changes are of interest. */
export interface ChangesOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

/**
 * Keeps a copy of something up to date: reads it with watches, and again when one of them fires. It
 * goes on through reconnects and new sessions. Between a change and the next reading there may be
 * more changes: each copy is newer than the one before, not each state is seen.
 */
export class Follower<T> {
  /** Resolves with the first copy; rejects when the servers refuse it. */
  readonly ready: Promise<void>;
  readonly #client: Client;
  readonly #read: (alarm: Alarm) => Promise<T>;
  readonly #controller = new AbortController();
  readonly #readers = new Set<Alarm>();
  #current: { readonly value: T } | undefined;
  #error: Error | undefined;

  /** @param read leaves watches that ring the alarm when what it read is out of date; may be repeated */
  constructor(client: Client, read: (alarm: Alarm) => Promise<T>) {
    this.#client = client;
    this.#read = read;
    let onReady: () => void = () => undefined;
    let onFailed: (error: Error) => void = () => undefined;
    this.ready = new Promise((resolve, reject) => {
      onReady = resolve;
      onFailed = reject;
    });
    // Whoever reads sees the error too; nobody has to wait for `ready`.
    this.ready.catch(() => undefined);
    void this.#follow(onReady, onFailed);
  }

  /** The newest copy; undefined before the first. */
  get current(): T | undefined {
    return this.#current?.value;
  }

  /** The newest copy now, and each newer one. */
  async *changes({ signal }: ChangesOptions = {}): AsyncGenerator<T, void> {
    const alarm = new Alarm();
    this.#readers.add(alarm);
    let seen: { readonly value: T } | undefined;
    try {
      while (!isAborted(signal)) {
        const current = this.#current;
        if (current !== undefined && current !== seen) {
          seen = current;
          yield current.value;
        } else if (this.#error !== undefined) {
          throw this.#error;
        } else if (this.#controller.signal.aborted) {
          return;
        } else {
          await alarm.wait(signal);
        }
      }
    } finally {
      this.#readers.delete(alarm);
    }
  }

  /** Iterations end, and watches are taken back; the last copy stays. */
  close(): void {
    this.#controller.abort();
    for (const alarm of this.#readers) alarm.ring();
  }

  async #follow(onReady: () => void, onFailed: (error: Error) => void): Promise<void> {
    const { signal } = this.#controller;
    const alarm = new Alarm();
    try {
      while (!signal.aborted) {
        const value = await persist(this.#client, () => this.#read(alarm), signal);
        this.#current = { value };
        for (const reader of this.#readers) reader.ring();
        onReady();
        await alarm.wait(signal);
      }
    } catch (error) {
      const isOver = signal.aborted || isClientError(error, 'closed');
      if (!isOver) this.#error = error as Error;
      onFailed(error as Error);
    }
    onFailed(new ClientError('closed'));
    alarm.close();
    this.close();
  }
}
