import type { RaftState } from './raft-state.ts';
import { becomeFollower } from './roles.ts';
import { mayAppoint } from './terms.ts';
import type { NodeId } from './types.ts';
import { NO_NODE } from './types.ts';

/** Begins to hand leadership to `target` (dissertation 3.10). A target that can't lead is ignored. */
export function startTransfer(state: RaftState, target: NodeId): void {
  if (!state.isLeader || target === state.id) return;
  if (!state.membership.voters.includes(target) || state.priorityOf(target) === 0) return;
  state.transferTarget = target;
  state.transferElapsed = 0;
  // What the target still lacks leaves with the next Ready, and the word to take over behind it.
  state.appendsDue = true;
}

/**
 * Once everything is on its way to the target, leadership follows on the same connection, so behind the last
 * entry. The target does not say first that it holds the entries: without them it does not lead. One that is far
 * behind, or was not heard for two beats, is waited for, and proposals are taken meanwhile.
 */
export function continueTransfer(state: RaftState): void {
  const { transferTarget: target, log, config } = state;
  if (target === NO_NODE) return;
  const progress = state.tracker.get(target);
  if (progress?.state !== 'replicate' || progress.isUncertain) return;
  if (state.ticks - progress.heardTick > 2 * config.heartbeatTicks) return;
  if (progress.next <= log.lastIndex || progress.inflights.bytes > config.appendBytesMax) return;
  handOver(state, target);
}

/** A tick passed: a target that has not caught up within a time-out is waited for no longer. */
export function tickTransfer(state: RaftState): void {
  if (state.transferTarget === NO_NODE) return;
  state.transferElapsed += 1;
  if (state.transferElapsed >= state.config.electionTicksMin) state.transferTarget = NO_NODE;
}

/** A leader that is leaving hands over to whoever has its whole log; if nobody has, it just goes. */
export function resign(state: RaftState): void {
  const best = state.membership.voters.find(
    (id) =>
      id !== state.id &&
      state.priorityOf(id) > 0 &&
      state.tracker.get(id)?.match === state.log.lastIndex,
  );
  if (best === undefined) becomeFollower(state, state.term, NO_NODE);
  else handOver(state, best);
}

/**
 * Leads no more, whatever becomes of the successor: appointing a second one, or committing anything more in this
 * term, would break what the first one relies on.
 */
function handOver(state: RaftState, successor: NodeId): void {
  const { id: from, log, tracker } = state;
  const isAppointment = mayAppoint(state.term);
  const term = isAppointment ? state.term + 1 : state.term;
  const { lastIndex, lastTerm } = log;
  const send = (to: NodeId): void => {
    state.outbox.send({ type: 'HandOver', from, to, term, successor, lastIndex, lastTerm });
  };
  send(successor);
  for (const { nodeId } of tracker.peers) if (nodeId !== successor) send(nodeId);
  becomeFollower(state, term, NO_NODE);
  if (isAppointment) state.awaitedLeaderId = successor;
}
