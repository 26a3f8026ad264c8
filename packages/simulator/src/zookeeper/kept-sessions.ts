import type { Leadership } from '@bellwether/cluster';
import { NO_NODE, type LogIndex, type NodeId, type Term } from '@bellwether/raft';
import { type Expiry, SERVER_LIMITS } from 'bellwether/testing';
import { Violation } from '../invariants/violation.ts';
import type { Wellness } from '../invariants/stable-leader.ts';
import type { World } from '../world.ts';

/** A node has told its leader by then, if both are well: its clock may be slow. */
const TOLD_MS = 2.5 * SERVER_LIMITS.sessionTickMs;
/** Of sums of fractions. */
const ROUNDING_MS = 0.001;

/** What is looked at of a node. */
export interface KeepingNode {
  readonly id: NodeId;
  readonly clock: { nowMs(): number };
  /** Undefined while it is down. */
  readonly process:
    | {
        readonly id: object;
        readonly driver: {
          readonly core: { readonly leaderId: NodeId; readonly term: Term };
          readonly transport: { isConnected(peer: NodeId): boolean };
        };
        readonly host: { readonly leadership: Leadership | undefined };
      }
    | undefined;
}

/** Whom a node tells what it hears. */
interface Contact {
  readonly leader: NodeId;
  readonly term: Term;
}

/** A client was heard by a node that could tell a leader. */
interface Sign extends Contact {
  readonly sessionId: number;
  readonly nodeId: NodeId;
  /** The node's process, which knows of it. */
  readonly process: object;
  /** By the clock of the leader's machine. */
  readonly clockMs: number;
}

/** An end of a session that somebody asked for, because its time seemed to be over. */
interface Decision {
  readonly clockMs: number;
  readonly leadership: Leadership;
  /** The newest of which the leader had been told by then. */
  readonly sign: Sign | undefined;
}

/**
 * A session ends by time only when its time is over. Judged from above, by where its client was heard:
 * who expires it leads the term in which that comes into the log, and, by the clock of its machine, neither has
 * it led for less than the session's time-out, nor was the client heard within it, by this node or by one that
 * has had the time to tell it. Whatever befalls the two and the way between them, and were it the loss of what
 * was told: as soon as all are well again, the leader is told within TOLD_MS.
 */
export class KeptSessions {
  readonly #world: World;
  readonly #nodes: readonly KeepingNode[];
  readonly #wellness: Wellness;
  /** Of which leaders have been told: the newest of each session. */
  readonly #signs = new Map<number, Sign>();
  readonly #decisions = new Map<string, Decision>();
  /** When each leader began to serve, by its machine's clock. */
  readonly #begins = new Map<string, number>();
  readonly #judged = new Set<number>();
  /** How many sessions were ended. */
  expired = 0;

  constructor(place: {
    readonly world: World;
    readonly nodes: readonly KeepingNode[];
    readonly wellness: Wellness;
  }) {
    this.#world = place.world;
    this.#nodes = place.nodes;
    this.#wellness = place.wellness;
  }

  /** Something came from the session's client, and `nodeId` has taken it. */
  onHeard(sessionId: number, nodeId: NodeId): void {
    const contact = this.#contactOf(nodeId);
    const process = this.#nodeOf(nodeId).process?.id;
    if (contact === undefined || process === undefined) return;
    const clockMs = this.#clockMs(contact.leader);
    this.#awaitTold({ ...contact, sessionId, nodeId, process, clockMs });
  }

  onLeadership(nodeId: NodeId, { role, term, isServing }: Leadership): void {
    const key = `${nodeId} ${term}`;
    if (role !== 'leader' || !isServing || this.#begins.has(key)) return;
    this.#begins.set(key, this.#clockMs(nodeId));
  }

  /** A node asks for the end of a session. */
  onDecided(nodeId: NodeId, expiry: Expiry, leadership: Leadership): void {
    const clockMs = this.#clockMs(nodeId);
    const sign = this.#signs.get(expiry.sessionId);
    this.#decisions.set(keyOf(nodeId, expiry), { clockMs, leadership, sign });
  }

  /** That of `origin` has come into the log at `index`, in `term`, and has ended the session. */
  onExpired(
    expiry: Expiry,
    entry: { readonly index: LogIndex; readonly term: Term; readonly origin: NodeId },
    timeoutMs: number,
  ): void {
    const { sessionId } = expiry;
    if (this.#judged.has(sessionId)) return;
    this.#judged.add(sessionId);
    this.expired += 1;
    const { index, term, origin } = entry;
    const what = `session ${sessionId} of ${timeoutMs} ms ends at ${index} by node ${origin}`;
    const decision = this.#decisions.get(keyOf(origin, expiry));
    const leadership = decision?.leadership;
    if (decision === undefined || leadership?.role !== 'leader' || leadership.term !== term) {
      const as = `${leadership?.role ?? 'nobody'} of term ${leadership?.term ?? 0}`;
      throw new Violation('sessionKept', `${what}, which decided it as ${as}, in term ${term}`);
    }
    const ledMs = decision.clockMs - (this.#begins.get(`${origin} ${term}`) ?? -Infinity);
    if (ledMs < timeoutMs - ROUNDING_MS) {
      throw new Violation('sessionKept', `${what}, which had led for ${ledMs.toFixed(0)} ms`);
    }
    const { sign } = decision;
    if (sign === undefined || sign.leader !== origin || sign.term !== term) return;
    const silentMs = decision.clockMs - sign.clockMs;
    if (silentMs >= timeoutMs - ROUNDING_MS) return;
    const heard = `though its client was heard ${silentMs.toFixed(0)} ms before`;
    throw new Violation('sessionKept', `${what}, ${heard}`);
  }

  /** Looks every TOLD_MS, until a time has gone by in which nothing kept the node from telling the leader. */
  #awaitTold(sign: Sign): void {
    const { nodeId, leader, term } = sign;
    const sinceMs = this.#world.nowMs;
    const wasInContact = this.#contactOf(nodeId)?.leader === leader;
    this.#world.after(TOLD_MS, () => {
      const { process } = this.#nodeOf(nodeId);
      // With a process goes what it has heard; another leader, or another term, begins anew.
      if (process?.id !== sign.process || process.driver.core.term !== term) return;
      if (!this.#leads(leader, term)) return;
      const isInContact = wasInContact && this.#contactOf(nodeId)?.leader === leader;
      if (isInContact && this.#wereWellSince(sinceMs, nodeId, leader)) this.#onTold(sign);
      else this.#awaitTold(sign);
    });
  }

  #onTold(sign: Sign): void {
    const known = this.#signs.get(sign.sessionId);
    if (known !== undefined && known.term > sign.term) return;
    if (known?.term === sign.term && known.clockMs > sign.clockMs) return;
    this.#signs.set(sign.sessionId, sign);
  }

  #contactOf(nodeId: NodeId): Contact | undefined {
    const core = this.#nodeOf(nodeId).process?.driver.core;
    if (core === undefined || core.leaderId === NO_NODE) return undefined;
    const { leaderId: leader, term } = core;
    if (!this.#leads(leader, term) || !this.#isConnected(nodeId, leader)) return undefined;
    return { leader, term };
  }

  #leads(nodeId: NodeId, term: Term): boolean {
    const led = this.#nodeOf(nodeId).process?.host.leadership;
    return led?.role === 'leader' && led.term === term && led.isServing;
  }

  #isConnected(nodeId: NodeId, leader: NodeId): boolean {
    if (nodeId === leader) return true;
    return this.#nodeOf(nodeId).process?.driver.transport.isConnected(leader) === true;
  }

  #wereWellSince(sinceMs: number, nodeId: NodeId, leader: NodeId): boolean {
    const wellness = this.#wellness;
    const times = [wellness.nodeDisturbedMs(nodeId), wellness.nodeDisturbedMs(leader)];
    if (nodeId !== leader) times.push(wellness.linkDisturbedMs(nodeId, leader));
    return times.every((atMs) => atMs < sinceMs);
  }

  #clockMs(nodeId: NodeId): number {
    return this.#nodeOf(nodeId).clock.nowMs();
  }

  #nodeOf(nodeId: NodeId): KeepingNode {
    const node = this.#nodes.find(({ id }) => id === nodeId);
    if (node === undefined) throw new Error(`there is no node ${nodeId}`);
    return node;
  }
}

const keyOf = (nodeId: NodeId, { sessionId, term }: Expiry): string =>
  `${nodeId} ${sessionId} ${term}`;
