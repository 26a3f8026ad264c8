import type {
  ChannelHandlers,
  ThreadChannel,
  ToConsensus,
  ToService,
} from '@bellwether/cluster/testing';
import { assert } from '../assert.ts';
import type { SimulatedThread, ThreadHop } from '../thread.ts';

export interface ChannelOptions {
  readonly thread: SimulatedThread;
  readonly toConsensus: ThreadHop;
  readonly toService: ThreadHop;
  /** On the consensus thread. */
  readonly onAsked: (message: ToConsensus) => void;
  /** On the service thread, around what it is told: `handle` hands it over. */
  readonly onTold: (message: ToService, handle: () => void) => void;
  readonly every: (intervalMs: number, action: () => void) => () => void;
}

/** The way between the two threads of a process: a queue of events in each direction. */
export class SimulatedChannel implements ThreadChannel {
  readonly #options: ChannelOptions;
  #handlers: ChannelHandlers | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  listen(handlers: ChannelHandlers): void {
    this.#handlers = handlers;
  }

  /** From the service thread. */
  post(message: ToConsensus): void {
    const copy = withoutSharedMemory(message);
    this.#options.toConsensus.post(() => this.#options.onAsked(copy));
  }

  /** From the consensus thread. */
  tell(message: ToService): void {
    const copy = withoutSharedMemory(message);
    this.#options.toService.post(() => {
      const handlers = this.#handlers;
      assert(handlers !== undefined, 'the service listens before it is told anything');
      this.#options.onTold(copy, () => handlers.onMessage(copy));
    });
  }

  soon(action: () => void): void {
    this.#options.thread.post(0, action);
  }

  every(intervalMs: number, action: () => void): () => void {
    return this.#options.every(intervalMs, action);
  }

  terminate(): void {
    throw new Error('a simulated thread ends with its process');
  }
}

/** What crosses between threads is copied, or handed over: nobody sees what the other does to it. */
function withoutSharedMemory<T extends ToConsensus | ToService>(message: T): T {
  if ('bytes' in message) return { ...message, bytes: new Uint8Array(message.bytes) };
  if ('chunk' in message && message.chunk !== undefined) {
    return { ...message, chunk: new Uint8Array(message.chunk) };
  }
  return message;
}
