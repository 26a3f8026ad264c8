import type { HardState, LogIndex, Membership, NodeId, Term } from '@bellwether/raft';
import { Violation } from './violation.ts';

/** What a node's disk holds for certain, also while the node is down. */
export interface DurableState {
  readonly hardState: HardState;
  /** Whether the entry is on the disk, or in what a snapshot on it has replaced. */
  holds(index: LogIndex, term: Term): boolean;
}

/** A leader as it is seen when it was elected, or commits something. */
export interface CountingLeader {
  readonly nodeId: NodeId;
  readonly term: Term;
  /** Those by which it may have counted: what was in force before, and what is now. */
  readonly memberships: readonly Membership[];
}

/**
 * What a leader takes for the word of a majority is one: an entry that it commits is on the disks of a
 * majority of the voters, in either half of a joint configuration, and so is what bound those who elected
 * it (Raft sections 5.2 to 5.4 and 6). Judged by the disks, whatever the leader was told.
 */
export class DurableQuorum {
  readonly #disks = new Map<NodeId, DurableState>();
  /** What was on the disk of a node when it was started. */
  readonly #found = new Map<NodeId, DurableState | undefined>();

  /** From now on this is what the node's disk holds. */
  onStarted(nodeId: NodeId, disk: DurableState): void {
    this.#found.set(nodeId, this.#disks.get(nodeId));
    this.#disks.set(nodeId, disk);
  }

  /** The node is down. `left`: what its disk holds; undefined when it ended before it did anything. */
  onEnded(nodeId: NodeId, left: DurableState | undefined): void {
    const disk = left ?? this.#found.get(nodeId);
    if (disk === undefined) this.#disks.delete(nodeId);
    else this.#disks.set(nodeId, disk);
  }

  /** The leader commits an entry of its own term. */
  onCommitted(leader: CountingLeader, index: LogIndex): void {
    const { nodeId, term } = leader;
    const holds = (id: NodeId): boolean => this.#disks.get(id)?.holds(index, term) ?? false;
    if (isMajority(leader, holds)) return;
    const who = [...this.#disks.keys()].filter(holds).join(', ');
    const what = `commits ${term}/${index}, which is on the disks of ${who || 'nobody'} alone`;
    throw new Violation('durableQuorum', `node ${nodeId} ${what}: ${describe(leader)}`);
  }

  /** A node leads a term. Who voted for it may be in a later term by now. */
  onElected(leader: CountingLeader): void {
    const { nodeId, term } = leader;
    const voted = (id: NodeId): boolean => {
      const { term: newest, vote } = this.#disks.get(id)?.hardState ?? { term: 0, vote: 0 };
      return newest > term || (newest === term && vote === nodeId);
    };
    if (isMajority(leader, voted)) return;
    const who = [...this.#disks.keys()].filter(voted).join(', ');
    const what = `leads term ${term} by the votes of ${who || 'nobody'}`;
    throw new Violation('durableQuorum', `node ${nodeId} ${what}: ${describe(leader)}`);
  }
}

function isMajority({ memberships }: CountingLeader, test: (id: NodeId) => boolean): boolean {
  const isMajorityOf = (ids: readonly NodeId[]): boolean =>
    ids.length === 0 || ids.filter(test).length * 2 > ids.length;
  return memberships.some(
    ({ voters, votersOutgoing }) => isMajorityOf(voters) && isMajorityOf(votersOutgoing),
  );
}

function describe({ memberships }: CountingLeader): string {
  const texts = memberships.map(({ voters, votersOutgoing }) => {
    const before = votersOutgoing.length === 0 ? '' : ` and of ${votersOutgoing.join(', ')}`;
    return `a majority of ${voters.join(', ')}${before}`;
  });
  return `it takes ${[...new Set(texts)].join(', or ')}`;
}
