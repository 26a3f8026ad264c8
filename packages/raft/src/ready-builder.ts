import type { RaftState } from './raft-state.ts';
import { startRound } from './read-index.ts';
import type { Ready } from './ready.ts';
import { sendAppends } from './replication.ts';
import { continueTransfer, resign } from './transfer.ts';
import type { Entry, HardState, SoftState } from './types.ts';
import { NO_NODE } from './types.ts';

/** Whether `buildReady` has anything to hand out. */
export function isReadyDue(state: RaftState): boolean {
  const { log, outbox } = state;
  return (
    !outbox.isEmpty ||
    log.hasPending ||
    state.appendsDue ||
    state.roundDue ||
    state.resignationDue ||
    log.deliverableIndex > log.deliveredIndex ||
    isHardStateNews(state) ||
    isSoftStateNews(state)
  );
}

/** Everything since the last Ready. What is sent lazily, appends and rounds, is made here. */
export function buildReady(state: RaftState): Ready {
  const { log, outbox } = state;
  if (state.roundDue) startRound(state);
  if (state.appendsDue) sendAppends(state);
  continueTransfer(state);
  // A voter no more; all have been told what is committed.
  if (state.resignationDue) resign(state);
  const committedEntries = log.takeCommitted(state.config.committedBytesMax);
  releaseUncommitted(state, committedEntries);
  const isNewVote = isElectoralNews(state) && state.vote !== NO_NODE;
  const hardState = takeHardState(state);
  state.readyNumber += 1;
  const entries = log.takePending(state.readyNumber, state.ownVoteTerm);
  state.ownVoteTerm = 0;
  const snapshot = log.takeSnapshot();
  const messagesAfterPersist = outbox.takeAfterPersist();
  // A term in which nothing was promised may be forgotten: it is as if nobody had told of it.
  const isPromise = messagesAfterPersist.length > 0 && state.flushedTerm !== state.term;
  const mustFlush = entries.length > 0 || snapshot !== undefined || isNewVote || isPromise;
  if (mustFlush) state.flushedTerm = state.term;
  return {
    number: state.readyNumber,
    softState: takeSoftState(state),
    hardState,
    entries,
    snapshot,
    messages: outbox.takeMessages(),
    messagesAfterPersist,
    committedEntries,
    readStates: outbox.takeReadStates(),
    mustFlush,
  };
}

/** Only entries of the own term were counted when they were proposed. */
function releaseUncommitted(state: RaftState, committed: readonly Entry[]): void {
  if (!state.isLeader) return;
  for (const entry of committed) {
    if (entry.term === state.term) state.uncommittedBytes -= entry.data.length;
  }
}

function isElectoralNews(state: RaftState): boolean {
  const said = state.hardStateSaid;
  return said.term !== state.term || said.vote !== state.vote;
}

function isHardStateNews(state: RaftState): boolean {
  return isElectoralNews(state) || state.hardStateSaid.commit !== state.log.deliverableIndex;
}

function takeHardState(state: RaftState): HardState | undefined {
  if (!isHardStateNews(state)) return undefined;
  const { term, vote } = state;
  state.hardStateSaid = { term, vote, commit: state.log.deliverableIndex };
  return state.hardStateSaid;
}

function isSoftStateNews(state: RaftState): boolean {
  const said = state.softStateSaid;
  return said.role !== state.role || said.leaderId !== state.leaderId;
}

function takeSoftState(state: RaftState): SoftState | undefined {
  if (!isSoftStateNews(state)) return undefined;
  state.softStateSaid = { leaderId: state.leaderId, role: state.role };
  return state.softStateSaid;
}
