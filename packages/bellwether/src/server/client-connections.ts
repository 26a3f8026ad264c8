import type { Connection } from './connection.ts';
import { Hold } from './hold.ts';
import { SERVER_LIMITS } from './limits.ts';

/** All connections of this node, and what concerns them together. */
export class ClientConnections {
  readonly #all = new Set<Connection>();
  /** Those that have no session yet, or are on their way out: neither may take for ever. */
  readonly #transient = new Set<Connection>();
  /** Those whose frames are left lying, and some that read on by now. */
  readonly #held = new Set<Connection>();
  #isHolding = false;

  get size(): number {
    return this.#all.size;
  }

  add(connection: Connection): void {
    this.#all.add(connection);
    this.#transient.add(connection);
  }

  onOpen(connection: Connection): void {
    this.#transient.delete(connection);
    if (this.#isHolding) connection.hold(Hold.proposals);
  }

  /** Every one of them: a copy, they may close while it is gone through. */
  all(): readonly Connection[] {
    return [...this.#all];
  }

  onHeld(connection: Connection): void {
    this.#held.add(connection);
  }

  /**
   * A client whose frames are left lying sends its pings in vain. Calls `touch` with the sessions of
   * those who count as alive all the same.
   */
  touchHeld(touch: (sessionId: number) => void): void {
    for (const connection of this.#held) {
      if (!connection.isHolding || !connection.isOpen) this.#held.delete(connection);
      else if (connection.showsLifeWhileHeld()) touch(connection.sessionId);
    }
  }

  onEnding(connection: Connection, nowMs: number): void {
    connection.transientSinceMs = nowMs;
    this.#transient.add(connection);
  }

  remove(connection: Connection): void {
    this.#all.delete(connection);
    this.#transient.delete(connection);
    this.#held.delete(connection);
  }

  /**
   * Too much is proposed and not applied: nothing is read from anybody who has a session until that
   * has changed. Newcomers are heard, since they may be asking what is wrong.
   */
  checkProposals(pendingBytes: number): void {
    if (!this.#isHolding && pendingBytes > SERVER_LIMITS.pendingProposalBytesMax) {
      this.#isHolding = true;
      for (const connection of this.#all) {
        if (connection.isOpen) connection.hold(Hold.proposals);
      }
    } else if (this.#isHolding && pendingBytes <= SERVER_LIMITS.pendingProposalBytesResume) {
      this.#isHolding = false;
      for (const connection of this.#all) {
        connection.release(Hold.proposals);
        // What it had waiting may already be too much again.
        if (this.#isHolding) return;
      }
    }
  }

  /** Cuts those that have been without a session, or ending, for too long. */
  sweep(nowMs: number): void {
    for (const connection of this.#transient) {
      // While there is no leader, a handshake waits for one, and the client gives up when it likes.
      if (connection.state === 'handshake') continue;
      const ageMs = nowMs - connection.transientSinceMs;
      if (ageMs > SERVER_LIMITS.transientMsMax) connection.destroy();
    }
  }

  /**
   * Those who have the most to take, when all together have more than `bytesMax`: without them it is
   * less. What each may have is bounded too, but not how many there are.
   */
  slowest(bytesMax: number): readonly Connection[] {
    let bytes = 0;
    for (const { socket } of this.#all) bytes += socket.writableLength;
    if (bytes <= bytesMax) return [];
    const slowest: Connection[] = [];
    const unsent = [...this.#all].map((one) => ({ one, bytes: one.socket.writableLength }));
    for (const each of unsent.sort((a, b) => b.bytes - a.bytes)) {
      slowest.push(each.one);
      bytes -= each.bytes;
      if (bytes <= bytesMax) break;
    }
    return slowest;
  }

  /** Nothing more is read from anybody. */
  holdAll(): void {
    for (const connection of this.#all) connection.hold(Hold.ending);
  }

  /** Each is closed behind the replies that it has been sent. */
  endAll(): void {
    for (const connection of this.#all) connection.end();
  }

  destroyAll(): void {
    for (const connection of this.#all) connection.destroy();
  }
}
