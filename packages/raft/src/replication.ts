import { assert } from './assert.ts';
import type { Progress } from './progress.ts';
import { bytesOf } from './raft-log.ts';
import type { RaftState } from './raft-state.ts';
import type { Entry, LogIndex } from './types.ts';

const NO_ENTRIES: readonly Entry[] = [];

/**
 * The leader tells every follower what it may be told now. Called once per Ready, so that all that was
 * proposed since the last one travels together: at most one AppendEntries per follower, unless there
 * is more than fits into one.
 */
export function sendAppends(state: RaftState): void {
  state.appendsDue = false;
  const batch = new BatchCache(state);
  for (const peer of state.tracker.peers) {
    if (peer.state === 'probe') sendProbe(state, peer, batch);
    else if (peer.state === 'replicate') sendAhead(state, peer, batch);
  }
}

/** Whether `sendAppends` would send something to `peer`. */
export function isSendable(state: RaftState, peer: Progress): boolean {
  if (peer.state === 'snapshot') return false;
  if (peer.state === 'probe') return !peer.probeSent;
  if (peer.mustSend || peer.commitSent < state.log.commitIndex) return true;
  return peer.next <= state.log.lastIndex && !peer.inflights.isFull;
}

function sendProbe(state: RaftState, peer: Progress, batch: BatchCache): void {
  if (peer.probeSent) return;
  if (isCompacted(state, peer)) return sendSnapshot(state, peer);
  const isBehind = peer.next <= state.log.lastIndex;
  sendAppend(state, peer, isBehind ? batch.from(peer.next).entries : NO_ENTRIES);
  peer.probeSent = true;
}

function sendAhead(state: RaftState, peer: Progress, batch: BatchCache): void {
  let isTold = false;
  while (peer.next <= state.log.lastIndex && !peer.inflights.isFull) {
    if (isCompacted(state, peer)) return sendSnapshot(state, peer);
    const { entries, bytes } = batch.from(peer.next);
    sendAppend(state, peer, entries);
    peer.next += entries.length;
    peer.inflights.add(peer.next - 1, bytes);
    isTold = true;
  }
  if (isTold) return;
  if (peer.mustSend) {
    if (isCompacted(state, peer)) return sendSnapshot(state, peer);
    sendAppend(state, peer, NO_ENTRIES);
  } else if (peer.commitSent < state.log.commitIndex) {
    sendCommitNotice(state, peer);
  }
}

function sendCommitNotice(state: RaftState, peer: Progress): void {
  const { commitIndex: commit } = state.log;
  const { id: from, term } = state;
  state.outbox.send({ type: 'CommitNotice', from, to: peer.nodeId, term, commit });
  peer.commitSent = commit;
}

function sendAppend(state: RaftState, peer: Progress, entries: readonly Entry[]): void {
  const { log } = state;
  const prevIndex = peer.next - 1;
  state.outbox.send({
    type: 'AppendEntries',
    from: state.id,
    to: peer.nodeId,
    term: state.term,
    prevIndex,
    prevTerm: log.term(prevIndex),
    entries,
    commit: log.commitIndex,
  });
  peer.commitSent = log.commitIndex;
  peer.mustSend = false;
}

/** The entry before `next` is gone from the log: only a snapshot can help (Raft section 7). */
function isCompacted(state: RaftState, peer: Progress): boolean {
  return peer.next < state.log.firstIndex;
}

/** Nobody streams a snapshot to a member that does not answer; its next heartbeat response tries again. */
function sendSnapshot(state: RaftState, peer: Progress): void {
  const isRecent = state.ticks - peer.heardTick < state.config.electionTicksMin;
  if (!isRecent) {
    peer.becomeProbe(peer.next);
    peer.probeSent = true;
    return;
  }
  const snapshot = state.log.snapshot();
  assert(snapshot.index + 1 >= state.log.firstIndex, 'a snapshot covers what the log has dropped');
  peer.becomeSnapshot(snapshot.index);
  state.outbox.send({
    type: 'InstallSnapshot',
    from: state.id,
    to: peer.nodeId,
    term: state.term,
    snapshot,
  });
}

interface Batch {
  readonly entries: readonly Entry[];
  readonly bytes: number;
}

/** Followers that are equally far get the same array: read and added up once per Ready. */
class BatchCache {
  readonly #state: RaftState;
  #from: LogIndex = 0;
  #batch: Batch = { entries: NO_ENTRIES, bytes: 0 };

  constructor(state: RaftState) {
    this.#state = state;
  }

  from(index: LogIndex): Batch {
    if (index === this.#from) return this.#batch;
    const entries = this.#state.log.slice(index, this.#state.config.appendBytesMax);
    assert(entries[0]?.index === index, 'the log has what it said it had');
    this.#from = index;
    this.#batch = { entries, bytes: bytesOf(entries) };
    return this.#batch;
  }
}
