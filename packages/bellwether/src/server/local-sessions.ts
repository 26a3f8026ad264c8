import type { Connection } from './connection.ts';

/** Which of this node's connections speaks for which session. */
export class LocalSessions {
  readonly #connections = new Map<number, Connection>();

  /** The connection has its session now. */
  open(connection: Connection): void {
    this.#connections.set(connection.sessionId, connection);
  }

  get(sessionId: number): Connection | undefined {
    return this.#connections.get(sessionId);
  }

  /** The connection is ending; the session may have another one here by now. */
  leave(connection: Connection): void {
    if (this.#connections.get(connection.sessionId) === connection) {
      this.#connections.delete(connection.sessionId);
    }
  }
}
