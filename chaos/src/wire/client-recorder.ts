import type { History } from './history.ts';
import { ConnectionRecorder } from './connection-recorder.ts';

/**
 * Writes down what one client asks and is told, by listening to its connections: whatever library it is,
 * and whatever that makes of it, what counts is what the servers said.
 */
export class ClientRecorder {
  readonly history: History;
  readonly client: number;
  /** Of the connection that was opened last. */
  session = 0;
  #current: ConnectionRecorder | undefined;

  constructor(history: History, client: number) {
    this.history = history;
    this.client = client;
  }

  /** A new connection; whatever still comes over older ones is not heard by anybody. */
  connect(): ConnectionRecorder {
    this.#current?.onClosed();
    this.#current = new ConnectionRecorder(this);
    return this.#current;
  }

  /** Requests that were sent and not answered. */
  get pending(): number {
    return this.#current?.pending ?? 0;
  }

  /** The client's program is gone: what it waited for it will never hear. */
  end(): void {
    this.#current?.onClosed();
  }
}
