import { addAbortListener, removeAbortListener } from '../abort-listeners.ts';
import { ClientError, isClientError } from '../errors.ts';
import type { WatchEndEvent, WatchEvent } from './events.ts';
import type { LastingWatch } from './registry.ts';

type Next = IteratorResult<WatchEvent, undefined>;

interface Waiting {
  resolve(next: Next): void;
  reject(error: Error): void;
}

const DONE: Next = { done: true, value: undefined };

/** How a stream is tied to its client. */
export interface WatchStreamPorts {
  /** Sets the watch up on the server; the stream hears of events from its answer on. */
  start(stream: LastingWatch): Promise<void>;
  /** Between two attempts to do so. */
  pause(): Promise<void>;
  stop(stream: LastingWatch): void;
  readonly eventsMax: number;
  /** For the gap event of a stream that could not keep up. */
  readonly path: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * The events of a persistent watch, to be read with `for await`. It goes on through reconnects and
 * new sessions, each of which yields a `gap`, since changes may have been missed there. Leaving the
 * loop, `close()`, the signal, or closing the client ends it.
 */
export class WatchStream implements AsyncIterableIterator<WatchEvent> {
  /** Resolves when the watch is in force: what is changed after that is seen. */
  readonly ready: Promise<void>;
  readonly #ports: WatchStreamPorts;
  readonly #watch: LastingWatch;
  readonly #onAbort = (): void => this.#end(undefined);
  #events: WatchEvent[] = [];
  #waiting: Waiting[] = [];
  #isOver = false;
  #error: Error | undefined;

  constructor(ports: WatchStreamPorts) {
    this.#ports = ports;
    this.#watch = {
      onEvent: (event) => this.#push(event),
      onEnd: (type) => this.#onEnd(type),
    };
    this.ready = this.#start();
    // Whoever iterates sees the error too; nobody has to wait for `ready`.
    this.ready.catch(() => undefined);
  }

  /** The next event. Rejects when the watch was refused or taken away. */
  next(): Promise<Next> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#isOver) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Leaving a `for await` loop calls it. */
  return(): Promise<Next> {
    this.#events = [];
    this.#end(undefined);
    return Promise.resolve(DONE);
  }

  /** Ends the watch; events that are waiting can still be read. */
  close(): void {
    this.#end(undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #start(): Promise<void> {
    const { signal } = this.#ports;
    if (signal?.aborted === true) return this.#end(undefined);
    addAbortListener(signal, this.#onAbort);
    try {
      await this.#setUp();
      // It was ended meanwhile.
      if (this.#isOver) this.#ports.stop(this.#watch);
    } catch (error) {
      if (!this.#isOver) this.#end(error as Error);
      throw error;
    }
  }

  /** A connection, a session or a server that is slow is no reason to give up. */
  async #setUp(): Promise<void> {
    for (;;) {
      try {
        return await this.#ports.start(this.#watch);
      } catch (error) {
        const passes = isClientError(error) && (error.retryable || error.code === 'sessionExpired');
        if (!passes || this.#isOver) throw error;
      }
      await this.#ports.pause();
    }
  }

  #push(event: WatchEvent): void {
    if (this.#isOver) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting.resolve({ done: false, value: event });
    this.#events.push(event);
    if (this.#events.length <= this.#ports.eventsMax) return;
    this.#events = [{ type: 'gap', path: this.#ports.path }];
  }

  #onEnd(type: WatchEndEvent['type']): void {
    const { path } = this.#ports;
    if (type === 'closed') return this.#end(undefined);
    const message = `${path}: the server took the watch away`;
    this.#end(new ClientError('noWatcher', { path, message }));
  }

  #end(error: Error | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    removeAbortListener(this.#ports.signal, this.#onAbort);
    this.#ports.stop(this.#watch);
    const [first, ...others] = this.#waiting;
    this.#waiting = [];
    if (first === undefined || error === undefined) {
      this.#error = error;
      first?.resolve(DONE);
    } else {
      first.reject(error);
    }
    for (const waiting of others) waiting.resolve(DONE);
  }
}
