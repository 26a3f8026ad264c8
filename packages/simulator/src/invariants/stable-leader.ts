import type { Membership, NodeId, Term } from '@bellwether/raft';
import { Violation } from './violation.ts';

/** A leader is left alone when it and those who hear it have been well for so long. */
const WELL_MS = 1_000;
/** What an operator asked for may take effect so much later: it may have waited at a link that was cut. */
const WISH_MS = 2_500;

/** What the world knows of how nodes and links have fared; times in ms of the world. */
export interface Wellness {
  readonly nowMs: number;
  /** When something was last wrong with the node, or with the link there or back. Infinity: it is now. */
  nodeDisturbedMs(nodeId: NodeId): number;
  linkDisturbedMs(one: NodeId, other: NodeId): number;
}

interface Reign {
  readonly nodeId: NodeId;
  readonly term: Term;
  readonly sinceMs: number;
  membership: Membership;
}

/**
 * Nobody campaigns against a leader that is well and is heard by a majority of the voters that are well, for
 * long enough: those refuse the pre-vote (dissertation 9.6 and 4.2.3). Links that are cut one way only,
 * nodes that come back with old logs and stalls elsewhere must not cost a leader.
 */
export class StableLeader {
  readonly #wellness: Wellness;
  #reign: Reign | undefined;
  /** When somebody last asked for another leader or other members. */
  #wishedMs = -Infinity;

  constructor(wellness: Wellness) {
    this.#wellness = wellness;
  }

  /** Somebody asks for another leader, or for other members. */
  onWished(): void {
    this.#wishedMs = this.#wellness.nowMs;
  }

  /** The node leads, as it is seen after everything that it does. */
  onLeads(nodeId: NodeId, term: Term, membership: Membership): void {
    const reign = this.#reign;
    if (reign !== undefined && reign.term > term) return;
    if (reign?.term === term && reign.membership === membership) return;
    // With other voters, others have to have heard it.
    this.#reign = { nodeId, term, sinceMs: this.#wellness.nowMs, membership };
  }

  /** The node leads no more: it stepped down, or its process ended. */
  onLeadsNoMore(nodeId: NodeId): void {
    if (this.#reign?.nodeId === nodeId) this.#reign = undefined;
  }

  /** The node begins to campaign in `term`, so its pre-vote was granted or it was told to. */
  onCampaign(nodeId: NodeId, term: Term): void {
    const reign = this.#reign;
    if (reign === undefined || nodeId === reign.nodeId || term <= reign.term) return;
    const { nowMs } = this.#wellness;
    if (nowMs - reign.sinceMs < WELL_MS || nowMs - this.#wishedMs < WISH_MS) return;
    const followers = this.#followersOf(reign);
    if (followers === undefined) return;
    const led = `node ${reign.nodeId} leads term ${reign.term}`;
    const who = `it and ${followers.join(', ') || 'nobody else'}`;
    const what = `${led}, and ${who} have been well for ${WELL_MS} ms`;
    throw new Violation('stableLeader', `node ${nodeId} campaigns in term ${term}, while ${what}`);
  }

  /** Those who are well and hear it, and are a majority with it; undefined when they are not. */
  #followersOf({ nodeId, membership }: Reign): readonly NodeId[] | undefined {
    const { voters, votersOutgoing } = membership;
    if (votersOutgoing.length > 0 || !voters.includes(nodeId)) return undefined;
    const isWell = (sinceMs: number): boolean => this.#wellness.nowMs - sinceMs >= WELL_MS;
    if (!isWell(this.#wellness.nodeDisturbedMs(nodeId))) return undefined;
    const followers = voters.filter(
      (id) =>
        id !== nodeId &&
        isWell(this.#wellness.nodeDisturbedMs(id)) &&
        isWell(this.#wellness.linkDisturbedMs(nodeId, id)),
    );
    return (followers.length + 1) * 2 > voters.length ? followers : undefined;
  }
}
