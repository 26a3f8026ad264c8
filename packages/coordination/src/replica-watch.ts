import type { Coordinator } from './coordinator.ts';
import type { Checkpoint } from './digest-history.ts';
import { decodeDigestReport, encodeDigestReport } from './digest-report.ts';
import { DIGESTS_REPORTED_MAX } from './limits.ts';

/** This node's state is not that of the others. */
export interface Divergence {
  /** The newest index at which it was known to be the same; 0 when none is. */
  readonly sameAt: number;
  /** The oldest index at which it is known to differ. */
  readonly differsAt: number;
  /** Nodes that have another state there. */
  readonly differing: readonly number[];
  /** outvoted: a majority of the voters agrees on another state. undecided: nobody knows who is right. */
  readonly verdict: 'outvoted' | 'undecided';
}

/** What one other node has reported lately. */
interface Peer {
  /** Not compared yet: this node is not so far. */
  waiting: readonly Checkpoint[];
  /** The newest index at which it agreed. */
  sameAt: number;
  /** Its digests that are not this node's, oldest first: none once it agrees again. */
  differing: readonly Checkpoint[];
}

/**
 * Compares this node's digests with those of the others, at equal indexes. All nodes do that with all,
 * so nobody decides for anybody else: a node whose state a majority of the voters contradicts, with one
 * voice, knows that it is the one that is wrong.
 */
export class ReplicaWatch {
  private readonly coordinator: Coordinator;
  private readonly voters: () => readonly number[];
  private readonly peers = new Map<number, Peer>();
  /** Digests up to here have been reported. */
  private reportedIndex = 0;

  /** @param voters ids of the nodes that vote at the moment, this one among them if it does */
  constructor(coordinator: Coordinator, voters: () => readonly number[]) {
    this.coordinator = coordinator;
    this.voters = voters;
  }

  /**
   * What to tell the others since the last time; undefined when there is nothing new. The last of them
   * is the digest as it is now: without it, what is changed last before a silence would not be compared.
   */
  report(): Uint8Array | undefined {
    const { lastAppliedIndex, digests } = this.coordinator;
    const now = this.coordinator.digestAt(lastAppliedIndex);
    if (now === undefined || lastAppliedIndex <= this.reportedIndex) return undefined;
    const { a, b } = now;
    const past = digests.behind(this.reportedIndex, lastAppliedIndex - 1, DIGESTS_REPORTED_MAX - 1);
    this.reportedIndex = lastAppliedIndex;
    return encodeDigestReport([...past, { index: lastAppliedIndex, a, b }]);
  }

  /** Another node's report has come. */
  onReport(from: number, bytes: Uint8Array): void {
    const checkpoints = decodeDigestReport(bytes);
    const peer = this.peers.get(from) ?? { waiting: [], sameAt: 0, differing: [] };
    this.peers.set(from, peer);
    peer.waiting = newest([...peer.waiting, ...checkpoints]);
  }

  /** The state was replaced by another node's: what was found before is not about it. */
  onRestore(): void {
    for (const peer of this.peers.values()) {
      peer.differing = [];
      peer.sameAt = 0;
    }
    this.reportedIndex = 0;
  }

  /** Compares what can be compared by now; a divergence that is known, at every call. */
  judge(): Divergence | undefined {
    for (const peer of this.peers.values()) this.compare(peer);
    const differing = [...this.peers].filter(([, peer]) => peer.differing.length > 0);
    if (differing.length === 0) return undefined;
    return {
      sameAt: Math.min(...differing.map(([, { sameAt }]) => sameAt)),
      differsAt: Math.min(...differing.map(([, peer]) => peer.differing[0]!.index)),
      differing: differing.map(([id]) => id),
      verdict: this.isOutvoted() ? 'outvoted' : 'undecided',
    };
  }

  private compare(peer: Peer): void {
    const { lastAppliedIndex } = this.coordinator;
    const found: Checkpoint[] = [];
    let hasAgreed = false;
    for (const checkpoint of peer.waiting) {
      const own = this.coordinator.digestAt(checkpoint.index);
      if (own === undefined) continue;
      if (own.a !== checkpoint.a || own.b !== checkpoint.b) {
        found.push(checkpoint);
      } else if (found.length === 0) {
        peer.sameAt = Math.max(peer.sameAt, checkpoint.index);
        hasAgreed = true;
      }
    }
    if (found.length > 0) peer.differing = newest([...peer.differing, ...found]);
    else if (hasAgreed) peer.differing = [];
    peer.waiting = peer.waiting.filter(({ index }) => index > lastAppliedIndex);
  }

  /** More than half of the voters are elsewhere, and together. */
  private isOutvoted(): boolean {
    const voters = this.voters();
    const votes = new Map<string, number>();
    for (const [id, { differing }] of this.peers) {
      if (!voters.includes(id)) continue;
      for (const { index, a, b } of differing) {
        const opinion = `${index} ${a} ${b}`;
        votes.set(opinion, (votes.get(opinion) ?? 0) + 1);
      }
    }
    return Math.max(0, ...votes.values()) * 2 > voters.length;
  }
}

/** What is told again and again is not kept for ever. */
function newest(checkpoints: readonly Checkpoint[]): readonly Checkpoint[] {
  return checkpoints.slice(-DIGESTS_REPORTED_MAX);
}
