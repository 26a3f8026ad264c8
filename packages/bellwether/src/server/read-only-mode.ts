import type { Leadership } from '@bellwether/cluster';
import { NO_NODE } from '@bellwether/raft';
import type { Connection } from './connection.ts';
import { SERVER_LIMITS } from './limits.ts';

/**
 * When this node is on its own: it has known no leader for a while, and is allowed to show its state
 * to clients that can do with one that may be old (ZooKeeper's readonlymode.enabled). They are sent
 * away once there is a leader, to have a real session.
 */
export class ReadOnlyMode {
  readonly #isAllowed: boolean;
  readonly #nowMs: () => number;
  readonly #connections = new Set<Connection>();
  #leaderlessSinceMs: number | undefined;
  #isRestoring = false;

  constructor(isAllowed: boolean, nowMs: () => number) {
    this.#isAllowed = isAllowed;
    this.#nowMs = nowMs;
    this.#leaderlessSinceMs = nowMs();
  }

  get isActive(): boolean {
    return this.#isAllowed && !this.#isRestoring && this.isAlone;
  }

  /** There has been no leader for longer than a failover takes. */
  get isAlone(): boolean {
    if (this.#leaderlessSinceMs === undefined) return false;
    return this.#nowMs() - this.#leaderlessSinceMs >= SERVER_LIMITS.readOnlyAfterMs;
  }

  onLeadership({ leaderId, isServing }: Leadership): void {
    if (leaderId === NO_NODE && !isServing) {
      this.#leaderlessSinceMs ??= this.#nowMs();
      return;
    }
    this.#leaderlessSinceMs = undefined;
    if (isServing) this.#endAll();
  }

  /** The state is being replaced: there is nothing to show. */
  onRestore(phase: 'begun' | 'ended'): void {
    this.#isRestoring = phase === 'begun';
  }

  add(connection: Connection): void {
    this.#connections.add(connection);
  }

  remove(connection: Connection): void {
    this.#connections.delete(connection);
  }

  /** Nobody else judges those who are silent: there is no leader. */
  cutSilent(): void {
    const nowMs = this.#nowMs();
    for (const connection of this.#connections) {
      if (nowMs - connection.heardMs > connection.sessionTimeoutMs) connection.destroy();
    }
  }

  #endAll(): void {
    for (const connection of this.#connections) connection.end();
  }
}
