import { startElection } from '../election.ts';
import type { HandOver } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import { becomeAppointed } from '../roles.ts';
import { mayAppoint } from '../terms.ts';
import { NO_NODE } from '../types.ts';

/** The leader of `lastTerm` leads no more, and names who goes on from the end of its log. */
export function handleHandOver(state: RaftState, message: HandOver): void {
  const { term, lastTerm } = message;
  if (state.isLeader) return;
  if (term === lastTerm) campaign(state, message);
  else if (term === lastTerm + 1 && mayAppoint(lastTerm)) beginTerm(state, message);
}

/**
 * Nobody but the successor can lead this term, and nothing more is committed in the one before: it leads at once.
 * The others will hear it next.
 */
function beginTerm(state: RaftState, message: HandOver): void {
  if (state.leaderId !== NO_NODE) return;
  if (message.successor !== state.id) state.awaitedLeaderId = message.successor;
  else if (mayTakeOver(state, message)) becomeAppointed(state);
}

/** It was the last term of its block: the next leader has to be elected. */
function campaign(state: RaftState, message: HandOver): void {
  if (message.successor !== state.id || !mayTakeOver(state, message)) return;
  if (state.leaderId !== NO_NODE && state.leaderId !== message.from) return;
  startElection(state, 'transfer');
}

function mayTakeOver(state: RaftState, { lastIndex, lastTerm }: HandOver): boolean {
  const { log, isPromotable, isHeldBack } = state;
  return isPromotable && !isHeldBack && log.lastIndex === lastIndex && log.lastTerm === lastTerm;
}
