import { leaseTicks } from './limits.ts';
import type { RaftState } from './raft-state.ts';
import type { PendingRead } from './read-queue.ts';
import type { LogIndex } from './types.ts';

/** The leader is asked for a read index, by itself or by a follower (dissertation 6.4). */
export function requestRead(state: RaftState, read: PendingRead): void {
  if (read.basis === 'lease' && state.hasCommittedInTerm && isLeaseValid(state)) {
    answer(state, read, state.log.commitIndex);
    return;
  }
  state.reads.add(read);
  startRoundIfAwaited(state);
}

/** A round for the waiting reads, unless one is on its way already: then they share the next. */
export function startRoundIfAwaited(state: RaftState): void {
  const { reads } = state;
  if (!reads.hasWaiting || reads.hasReadsInRound || !state.hasCommittedInTerm) return;
  state.roundDue = true;
}

/**
 * A heartbeat to everybody. Before an entry of the leader's own term is committed it takes no reads
 * along: the leader may not know yet how far its predecessor had committed.
 */
export function startRound(state: RaftState): void {
  state.roundDue = false;
  state.heartbeatElapsed = 0;
  const { log, tracker } = state;
  const take = state.hasCommittedInTerm ? 'reads' : 'noReads';
  const round = state.reads.startRound(state.ticks, log.commitIndex, take);
  for (const peer of tracker.peers) {
    state.outbox.send({
      type: 'Heartbeat',
      from: state.id,
      to: peer.nodeId,
      term: state.term,
      commit: Math.min(peer.match, log.commitIndex),
      round,
    });
  }
  if (tracker.self !== undefined) tracker.self.ackedRound = round;
  confirmRounds(state);
}

/** Answers the reads of every round that a quorum has answered, and extends the lease. */
export function confirmRounds(state: RaftState): void {
  for (const round of state.reads.confirm(state.tracker.quorumRound())) {
    state.leaseStartTick = round.tick;
    for (const read of round.reads) answer(state, read, round.readIndex);
  }
  startRoundIfAwaited(state);
}

/**
 * Whether no other leader can exist yet: a quorum heard this one so lately that it still refuses votes.
 * One that hands over leads no more, so it has no lease.
 */
export function isLeaseValid(state: RaftState): boolean {
  const { leaseReads, electionTicksMin } = state.config;
  if (!leaseReads) return false;
  return state.ticks - state.leaseStartTick < leaseTicks(electionTicksMin);
}

function answer(state: RaftState, read: PendingRead, index: LogIndex): void {
  const { requestId, from } = read;
  if (from === state.id) {
    state.outbox.answerRead({ requestId, index });
    return;
  }
  state.outbox.send({
    type: 'ReadIndexResponse',
    from: state.id,
    to: from,
    term: state.term,
    requestId,
    index,
  });
}
