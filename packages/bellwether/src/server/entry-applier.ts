import { membersInEntry, type CommittedBatch } from '@bellwether/cluster';
import type { Coordinator } from '@bellwether/coordination';
import { assert } from './assert.ts';
import type { ClientConnections } from './client-connections.ts';
import type { Connection } from './connection.ts';
import { withoutStaleExpiry } from './expiry-command.ts';
import { configurationOf, type KnownMembers } from './known-members.ts';
import type { OwnEntries } from './own-entries.ts';
import type { ReplyOrder } from './reply-order.ts';
import type { ServerStats } from './server-stats.ts';
import type { SessionHandshake } from './session-handshake.ts';
import { WaitKind, type WaitingRequest } from './waiting-request.ts';

/** Applies committed entries, and brings their outcomes to those clients of this node that wait. */
export class EntryApplier {
  readonly #coordinator: Coordinator;
  readonly #own: OwnEntries;
  readonly #order: ReplyOrder;
  readonly #handshake: SessionHandshake;
  readonly #connections: ClientConnections;
  readonly #stats: ServerStats;
  readonly #members: KnownMembers;
  readonly #onLost = (request: WaitingRequest): void => this.#lose(request);
  #applying: Connection | undefined;

  constructor(options: {
    readonly coordinator: Coordinator;
    readonly own: OwnEntries;
    readonly order: ReplyOrder;
    readonly handshake: SessionHandshake;
    readonly connections: ClientConnections;
    readonly stats: ServerStats;
    readonly members: KnownMembers;
  }) {
    this.#coordinator = options.coordinator;
    this.#own = options.own;
    this.#order = options.order;
    this.#handshake = options.handshake;
    this.#connections = options.connections;
    this.#stats = options.stats;
    this.#members = options.members;
  }

  /** Whose request is being applied just now: it hears of it by its reply. */
  get applying(): Connection | undefined {
    return this.#applying;
  }

  /** The entry at which the batch stands. */
  apply(entry: CommittedBatch): void {
    if (entry.kind === 'membership') return this.#applyMembership(entry);
    const payload =
      entry.kind === 'command' ? withoutStaleExpiry(entry.payload, entry.term) : undefined;
    if (payload === undefined) return this.#coordinator.skip(entry.index);
    this.#stats.commits++;
    this.#stats.proposalBytes.add(payload.length);
    const own = entry.isOwn ? this.#own.take(entry.sequence, this.#onLost) : undefined;
    if (own !== undefined) this.#order.beforeApply(own);
    if (own?.connection !== undefined) {
      return this.#applyOwn(own, own.connection, entry, payload);
    }
    if (own !== undefined) this.#order.requests.release(own);
    this.#coordinator.apply(entry.index, entry.timeMs, payload, 'none');
  }

  /** It may be one step of many on the way to the same members. */
  #applyMembership({ index, payload }: CommittedBatch): void {
    const members = membersInEntry(payload);
    if (members === undefined) return this.#coordinator.skip(index);
    this.#members.onDecided(members);
    const { version, timeMs } = members;
    const data = configurationOf(members);
    if (data === undefined) return this.#coordinator.skip(index);
    this.#coordinator.configure(index, { version, timeMs, data });
  }

  #applyOwn(
    own: WaitingRequest,
    connection: Connection,
    entry: CommittedBatch,
    payload: Uint8Array,
  ): void {
    const { index, timeMs } = entry;
    this.#applying = connection;
    const outcome = this.#coordinator.apply(index, timeMs, payload, 'outcome');
    this.#applying = undefined;
    assert(outcome !== undefined, 'an outcome was wanted');
    // Its own watch events may have been more than its client takes.
    if (own.connection === undefined) return this.#order.requests.release(own);
    if (own.kind !== WaitKind.write) {
      this.#handshake.onApplied(own, index, outcome);
      if (connection.isOpen) this.#connections.onOpen(connection);
      return;
    }
    this.#order.onApplied(own, index, outcome);
    if (outcome.kind === 'sessionClosed') connection.end();
  }

  /** Its entry was never seen here, so its client must be left to find out how it ended. */
  #lose(request: WaitingRequest): void {
    request.connection?.destroy();
    this.#order.requests.release(request);
  }
}
