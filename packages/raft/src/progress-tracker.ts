import { Inflights } from './inflights.ts';
import { Progress } from './progress.ts';
import { jointValue } from './quorum.ts';
import type { LogIndex, Membership, NodeId, RaftConfig } from './types.ts';

type CountedField = 'match' | 'ackedRound' | 'heardTick';

/** The leader's Progress of every member, itself included while it is one. Empty on other roles. */
export class ProgressTracker {
  readonly #config: RaftConfig;
  readonly #byId = new Map<NodeId, Progress>();
  #voters: readonly Progress[] = [];
  #votersOutgoing: readonly Progress[] = [];
  #peers: readonly Progress[] = [];
  /** Reused, so that counting allocates nothing. */
  readonly #scratch: number[] = [];
  readonly #scratchOutgoing: number[] = [];

  constructor(config: RaftConfig) {
    this.#config = config;
  }

  /** All members but this node, voters and learners. */
  get peers(): readonly Progress[] {
    return this.#peers;
  }

  get(id: NodeId): Progress | undefined {
    return this.#byId.get(id);
  }

  /** This node's own progress; undefined when it is no member. */
  get self(): Progress | undefined {
    return this.#byId.get(this.#config.id);
  }

  clear(): void {
    this.#byId.clear();
    this.#voters = [];
    this.#votersOutgoing = [];
    this.#peers = [];
  }

  /**
   * Follows `membership`: newcomers start as probes at `next`, and are taken as heard at `tick` so
   * that they have a full time-out to answer; those who left are forgotten.
   */
  follow(membership: Membership, next: LogIndex, tick: number): void {
    const ids = new Set([
      ...membership.voters,
      ...membership.votersOutgoing,
      ...membership.learners,
    ]);
    for (const id of this.#byId.keys()) if (!ids.has(id)) this.#byId.delete(id);
    for (const id of ids) {
      if (!this.#byId.has(id)) this.#byId.set(id, this.#newProgress(id, next, tick));
    }
    this.#voters = membership.voters.map((id) => this.#byId.get(id) as Progress);
    this.#votersOutgoing = membership.votersOutgoing.map((id) => this.#byId.get(id) as Progress);
    this.#peers = [...this.#byId.values()].filter((peer) => peer.nodeId !== this.#config.id);
  }

  /** The highest index that is durable on a quorum (Raft section 5.3). */
  quorumMatch(): LogIndex {
    return this.#quorum('match');
  }

  /** The newest heartbeat round that a quorum has answered. */
  quorumRound(): number {
    return this.#quorum('ackedRound');
  }

  /** The latest tick since which a quorum has been heard. */
  quorumHeardTick(): number {
    return this.#quorum('heardTick');
  }

  #quorum(field: CountedField): number {
    collect(this.#voters, field, this.#scratch);
    collect(this.#votersOutgoing, field, this.#scratchOutgoing);
    return jointValue(this.#scratch, this.#scratchOutgoing);
  }

  #newProgress(id: NodeId, next: LogIndex, tick: number): Progress {
    const { inflightMessagesMax, inflightBytesMax } = this.#config;
    return new Progress(id, next, tick, new Inflights(inflightMessagesMax, inflightBytesMax));
  }
}

function collect(from: readonly Progress[], field: CountedField, into: number[]): void {
  into.length = from.length;
  for (let i = 0; i < from.length; i += 1) into[i] = (from[i] as Progress)[field];
}
