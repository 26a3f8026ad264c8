import { assert } from './assert.ts';
import type { Inflights } from './inflights.ts';
import type { LogIndex, NodeId, ProgressState } from './types.ts';

/**
 * The leader's view of one member.
 *
 * - probe: where its log agrees is not known; one AppendEntries at a time, until it is accepted.
 * - replicate: it agrees, or is assumed to; entries are sent ahead of acknowledgements, within the inflight
 *   window.
 * - snapshot: it needs entries that the log no longer has; nothing is sent until it has the snapshot.
 */
export class Progress {
  readonly nodeId: NodeId;
  readonly inflights: Inflights;
  /**
   * Everything up to here is durable there. Grows, except when the member says that it has lost it
   * (see `lose`). match < next.
   */
  match: LogIndex = 0;
  /** First entry of the next AppendEntries. */
  next: LogIndex;
  state: ProgressState = 'probe';
  /** In probe: the message is on its way; wait for its answer or for a heartbeat's. */
  probeSent = false;
  /**
   * In replicate: it is only assumed to agree up to `#assumed`, because it voted for this leader and those who
   * do have the whole log as a rule. It has not answered yet.
   */
  isUncertain = false;
  #assumed: LogIndex = 0;
  /** In snapshot: the index of the snapshot that is on its way; otherwise 0. */
  snapshotIndex: LogIndex = 0;
  /** In replicate: an AppendEntries is due even if it has nothing new to say. */
  mustSend = false;
  /** The commit index that it was told last. */
  commitSent: LogIndex = 0;
  /** Leader's tick at which the member was last heard. */
  heardTick: number;
  /** Newest heartbeat round that it answered. */
  ackedRound = 0;

  constructor(nodeId: NodeId, next: LogIndex, tick: number, inflights: Inflights) {
    this.nodeId = nodeId;
    this.next = next;
    this.heardTick = tick;
    this.inflights = inflights;
  }

  /** It has voted for this leader, whose entries are sent from `next` on, without waiting for the first answer. */
  assume(): void {
    assert(this.state === 'probe' && !this.probeSent, 'nothing was asked yet');
    this.state = 'replicate';
    this.isUncertain = true;
    this.#assumed = this.next - 1;
  }

  /** What was sent may be lost: it is asked for what it has. */
  doubt(): void {
    this.becomeProbe((this.isUncertain ? this.#assumed : this.match) + 1);
  }

  becomeProbe(next: LogIndex): void {
    this.state = 'probe';
    this.next = Math.max(next, this.match + 1);
    this.#restart();
  }

  becomeReplicate(): void {
    this.state = 'replicate';
    this.next = this.match + 1;
    const commitSent = this.commitSent;
    this.#restart();
    this.commitSent = commitSent;
  }

  becomeSnapshot(snapshotIndex: LogIndex): void {
    assert(snapshotIndex >= this.next, 'a snapshot is sent only to whom it brings something');
    this.state = 'snapshot';
    this.#restart();
    this.snapshotIndex = snapshotIndex;
  }

  /** The member acknowledged `index`. Returns whether that was news. */
  accept(index: LogIndex): boolean {
    this.next = Math.max(this.next, index + 1);
    this.isUncertain = false;
    if (index <= this.match) return false;
    this.match = index;
    return true;
  }

  /** In probe, the member refused prevIndex `next - 1`; the logs may agree up to `hint`. */
  refuse(hint: LogIndex): void {
    assert(this.state === 'probe', 'only a probe is refused');
    this.becomeProbe(Math.min(this.next - 1, hint + 1));
  }

  /**
   * The member has lost what it had acknowledged, and has nothing in common with the leader beyond
   * `hint`. Only here `match` goes back. That takes nothing back that was committed, and it is the safe
   * side: what is no longer there must not count for the next commit.
   */
  lose(hint: LogIndex): void {
    this.match = Math.max(0, Math.min(this.match, hint));
    this.becomeProbe(this.match + 1);
  }

  #restart(): void {
    this.probeSent = false;
    this.isUncertain = false;
    this.mustSend = false;
    this.commitSent = 0;
    this.snapshotIndex = 0;
    this.inflights.clear();
  }
}
