import type { ToConsensus, ToService } from './messages.ts';

/** What the service thread hears from the other side. */
export interface ChannelHandlers {
  onMessage(message: ToService): void;
  /** The consensus thread threw. */
  onError(error: Error): void;
  onExit(): void;
}

/**
 * The service thread's way to the consensus thread, and its event loop: a worker's in production, a
 * queue of events in the simulator. Messages arrive in the order in which they were posted.
 */
export interface ThreadChannel {
  /** `transfer` names the buffers that are the receiver's from then on. */
  post(message: ToConsensus, transfer?: readonly ArrayBuffer[]): void;
  /** Called once; nothing arrives before the current turn of the event loop has ended. */
  listen(handlers: ChannelHandlers): void;
  /** Runs `action` when the inputs that are already waiting have been taken. */
  soon(action: () => void): void;
  /** Runs `action` every `intervalMs` until the returned function is called. */
  every(intervalMs: number, action: () => void): () => void;
  /** Ends the other side at once. */
  terminate(): void;
}
