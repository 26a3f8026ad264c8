import type { History } from './history.ts';
import { ConnectionRecorder } from './connection-recorder.ts';

/**
 * Writes down what one client asks and is told, by listening to its connections: whatever library it is,
 * and whatever that makes of it, what counts is what the servers said.
 */
export class ClientRecorder {
  readonly history: History;
  #client: number;
  /** Of the connection that was opened last. */
  #session = 0;
  #isSessionOver = true;
  #current: ConnectionRecorder | undefined;

  constructor(history: History, client: number) {
    this.history = history;
    this.#client = client;
  }

  /** Its number in the history. */
  get client(): number {
    return this.#client;
  }

  get session(): number {
    return this.#session;
  }

  /**
   * A new session was opened. Who opens one without having heard that the old one is over, as a library may
   * whose connection broke while it closed, begins a new life: in a history, a client has one session after
   * the other.
   */
  onOpened(session: number): void {
    if (!this.#isSessionOver) this.#client = this.history.newClient();
    this.#session = session;
    this.#isSessionOver = false;
  }

  /** The session was closed, or the servers said that it is gone. */
  onSessionOver(): void {
    this.#isSessionOver = true;
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
