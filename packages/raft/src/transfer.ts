import type { RaftState } from './raft-state.ts';
import type { NodeId } from './types.ts';
import { NO_NODE } from './types.ts';

/** Begins to hand leadership to `target` (dissertation 3.10). A target that can't lead is ignored. */
export function startTransfer(state: RaftState, target: NodeId): void {
  if (!state.isLeader || target === state.id) return;
  if (!state.membership.voters.includes(target) || state.priorityOf(target) === 0) return;
  state.transferTarget = target;
  state.transferElapsed = 0;
  continueTransfer(state);
}

/** Once the target has the whole log, it is told to campaign. */
export function continueTransfer(state: RaftState): void {
  const target = state.transferTarget;
  if (target === NO_NODE) return;
  if (state.tracker.get(target)?.match === state.log.lastIndex) sendTimeoutNow(state, target);
}

/** A tick passed: whoever was not elected within a time-out won't be; serve on (3.10). */
export function tickTransfer(state: RaftState): void {
  if (state.transferTarget === NO_NODE) return;
  state.transferElapsed += 1;
  if (state.transferElapsed < state.config.electionTicksMin) return;
  state.transferTarget = NO_NODE;
}

/** A leader that is leaving hands over to whoever has its whole log, if anybody has. */
export function sendTimeoutNowToBest(state: RaftState): void {
  const best = state.membership.voters.find(
    (id) =>
      id !== state.id &&
      state.priorityOf(id) > 0 &&
      state.tracker.get(id)?.match === state.log.lastIndex,
  );
  if (best !== undefined) sendTimeoutNow(state, best);
}

/** From here on somebody may be elected in spite of the lease, whenever the message arrives. */
function sendTimeoutNow(state: RaftState, to: NodeId): void {
  state.leaseRevoked = true;
  state.outbox.send({ type: 'TimeoutNow', from: state.id, to, term: state.term });
}
