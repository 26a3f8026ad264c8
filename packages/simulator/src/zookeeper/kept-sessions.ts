import type { Leadership } from '@bellwether/cluster';
import type { LogIndex, NodeId, Term } from '@bellwether/raft';
import { type Expiry, SERVER_LIMITS } from 'bellwether/testing';
import { Violation } from '../invariants/violation.ts';
import type { Wellness } from '../invariants/stable-leader.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import type { World } from '../world.ts';

/** A node has told its leader by then, if both are well: its clock may be slow. */
const TOLD_MS = 2.5 * SERVER_LIMITS.sessionTickMs;
/** The leader looks at its clock so often, and takes what it hears in between for as old as its last look. */
const TOLERANCE_MS = 1.5 * SERVER_LIMITS.sessionTickMs;

/** The leader has heard of a session. */
interface Sign {
  readonly leader: NodeId;
  readonly term: Term;
  /** By the clock of the leader's machine. */
  readonly clockMs: number;
}

/** An end of a session that somebody asked for, because its time seemed to be over. */
interface Decision {
  readonly clockMs: number;
  readonly leadership: Leadership;
}

/**
 * A session ends by time only when its time is over. Judged from above, by where its client was heard:
 * who expires it leads the term in which that comes into the log, and, by the clock of its machine, neither has
 * it led for less than the session's time-out, nor was the client heard within it, by this node or by one that is
 * well, as is the way to this one.
 */
export class KeptSessions {
  readonly #world: World;
  readonly #nodes: readonly SimulatedNode[];
  readonly #wellness: Wellness;
  readonly #signs = new Map<number, Sign>();
  readonly #decisions = new Map<string, Decision>();
  /** When each leader began to serve, by its machine's clock. */
  readonly #begins = new Map<string, number>();
  readonly #judged = new Set<number>();
  /** How many sessions were ended. */
  expired = 0;

  constructor(place: {
    readonly world: World;
    readonly nodes: readonly SimulatedNode[];
    readonly wellness: Wellness;
  }) {
    this.#world = place.world;
    this.#nodes = place.nodes;
    this.#wellness = place.wellness;
  }

  /** Something came from the session's client, and `nodeId` has read it. */
  onHeard(sessionId: number, nodeId: NodeId): void {
    const heard = this.#leaderOf(nodeId);
    if (heard === undefined) return;
    const { leader, term } = heard;
    const clockMs = this.#clockMs(leader);
    const sinceMs = this.#world.nowMs;
    this.#world.after(TOLD_MS, () => {
      const now = this.#leaderOf(nodeId);
      if (now?.leader !== leader || now.term !== term) return;
      if (!this.#wereWellSince(sinceMs, nodeId, leader)) return;
      const known = this.#signs.get(sessionId);
      if (known !== undefined && known.term === term && known.clockMs > clockMs) return;
      if (known === undefined || known.term <= term) {
        this.#signs.set(sessionId, { leader, term, clockMs });
      }
    });
  }

  onLeadership(nodeId: NodeId, { role, term, isServing }: Leadership): void {
    const key = `${nodeId} ${term}`;
    if (role !== 'leader' || !isServing || this.#begins.has(key)) return;
    this.#begins.set(key, this.#clockMs(nodeId));
  }

  /** A node asks for the end of a session. */
  onDecided(nodeId: NodeId, expiry: Expiry, leadership: Leadership): void {
    const clockMs = this.#clockMs(nodeId);
    this.#decisions.set(keyOf(nodeId, expiry), { clockMs, leadership });
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
    if (ledMs < timeoutMs - TOLERANCE_MS) {
      throw new Violation('sessionKept', `${what}, which had led for ${ledMs.toFixed(0)} ms`);
    }
    const sign = this.#signs.get(sessionId);
    if (sign === undefined || sign.leader !== origin || sign.term !== term) return;
    const silentMs = decision.clockMs - sign.clockMs;
    if (silentMs >= timeoutMs - TOLERANCE_MS) return;
    const heard = `though its client was heard ${silentMs.toFixed(0)} ms before`;
    throw new Violation('sessionKept', `${what}, ${heard}`);
  }

  /** Whom the node tells what it hears. */
  #leaderOf(nodeId: NodeId): { readonly leader: NodeId; readonly term: Term } | undefined {
    const core = this.#nodeOf(nodeId).process?.driver.core;
    if (core === undefined || core.leaderId === 0) return undefined;
    const { leaderId: leader, term } = core;
    const led = this.#nodeOf(leader).process?.host.leadership;
    const isServing = led?.role === 'leader' && led.term === term && led.isServing;
    return isServing && this.#isConnected(nodeId, leader) ? { leader, term } : undefined;
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

  #nodeOf(nodeId: NodeId): SimulatedNode {
    const node = this.#nodes.find(({ id }) => id === nodeId);
    if (node === undefined) throw new Error(`there is no node ${nodeId}`);
    return node;
  }
}

const keyOf = (nodeId: NodeId, { sessionId, term }: Expiry): string =>
  `${nodeId} ${sessionId} ${term}`;
