import { isLearner } from './membership.ts';
import type { Progress } from './progress.ts';
import type { RaftState } from './raft-state.ts';
import type { ProgressStatus, RaftStatus } from './types.ts';

/** Copies what reports show. */
export function statusOf(state: RaftState): RaftStatus {
  const { log } = state;
  return {
    id: state.id,
    role: state.role,
    term: state.term,
    leaderId: state.leaderId,
    vote: state.vote,
    firstIndex: log.firstIndex,
    lastIndex: log.lastIndex,
    persistedIndex: log.persistedIndex,
    commitIndex: log.commitIndex,
    appliedIndex: log.appliedIndex,
    membership: state.membership,
    transferTarget: state.transferTarget,
    progress: state.tracker.peers.map((peer) => progressStatus(state, peer)),
  };
}

function progressStatus(state: RaftState, peer: Progress): ProgressStatus {
  return {
    nodeId: peer.nodeId,
    match: peer.match,
    next: peer.next,
    state: peer.state,
    recentlyActive: state.ticks - peer.heardTick < state.config.electionTicksMin,
    isLearner: isLearner(state.membership, peer.nodeId),
  };
}
