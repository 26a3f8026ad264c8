import type { Progress } from './progress.ts';
import type { RaftState } from './raft-state.ts';
import type { NodeId } from './types.ts';
import { NO_NODE } from './types.ts';

/** Begins to hand leadership to `target` (dissertation 3.10). A target that can't lead is ignored. */
export function startTransfer(state: RaftState, target: NodeId): void {
  if (!state.isLeader || target === state.id) return;
  if (!state.membership.voters.includes(target) || state.priorityOf(target) === 0) return;
  state.transferTarget = target;
  state.transferElapsed = 0;
  state.hasHandedOver = false;
  // What the target still lacks leaves with the next Ready, and the word to campaign behind it.
  state.appendsDue = true;
}

/**
 * Once everything is on its way to the target, it is told to campaign, on the same connection, so behind
 * the last entry; from then on nothing more is proposed here. It does not say first that it holds the
 * entries: its vote for itself and they become durable with one flush, and nobody votes for it without
 * them. A target that is far behind is waited for, and proposals are taken meanwhile.
 */
export function continueTransfer(state: RaftState): void {
  const { transferTarget: target, log, config } = state;
  if (target === NO_NODE || state.hasHandedOver) return;
  const progress = state.tracker.get(target);
  if (progress?.state !== 'replicate' || progress.isUncertain) return;
  if (progress.next <= log.lastIndex || progress.inflights.bytes > config.appendBytesMax) return;
  state.hasHandedOver = true;
  state.transferElapsed = 0;
  sendTimeoutNow(state, target);
}

/** Where it has the whole log, the word to campaign may have been lost together with an entry. */
export function onTargetProgress(state: RaftState, target: Progress): void {
  state.appendsDue = true;
  if (state.hasHandedOver && target.match === state.log.lastIndex) {
    sendTimeoutNow(state, target.nodeId);
  }
}

/** A tick passed: whoever was not elected within a time-out won't be; serve on (3.10). */
export function tickTransfer(state: RaftState): void {
  if (state.transferTarget === NO_NODE) return;
  state.transferElapsed += 1;
  const { electionTicksMin, heartbeatTicks } = state.config;
  // Proposals wait once the word has been sent: somebody who does not heed it must not cost a time-out.
  const patienceTicks = state.hasHandedOver ? 2 * heartbeatTicks : electionTicksMin;
  if (state.transferElapsed < patienceTicks) return;
  state.transferTarget = NO_NODE;
  state.hasHandedOver = false;
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
  const { id: from, term, log } = state;
  state.outbox.send({ type: 'TimeoutNow', from, to, term, lastIndex: log.lastIndex });
}
