import { advanceCommit } from '../commit.ts';
import type { AppendEntriesResponse } from '../messages.ts';
import type { Progress } from '../progress.ts';
import type { RaftState } from '../raft-state.ts';
import { isSendable } from '../replication.ts';
import type { LogIndex } from '../types.ts';

/** The leader learns how far a follower's log is durable, or where it differs. */
export function handleAppendEntriesResponse(
  state: RaftState,
  message: AppendEntriesResponse,
): void {
  if (!state.isLeader) return;
  const peer = state.tracker.get(message.from);
  if (peer === undefined) return;
  peer.heardTick = state.ticks;
  if (message.accepted) onAccepted(state, peer, message);
  else onRefused(state, peer, message);
  if (isSendable(state, peer)) state.appendsDue = true;
}

function onAccepted(state: RaftState, peer: Progress, message: AppendEntriesResponse): void {
  // Nobody holds more of this term than its leader; such a claim is not acted upon.
  if (message.index > state.log.lastIndex) return;
  const isNews = peer.accept(message.index);
  if (peer.state === 'replicate') peer.inflights.freeTo(message.index);
  else if (peer.state === 'snapshot') leaveSnapshot(state, peer);
  else if (message.index >= peer.match) peer.becomeReplicate();
  if (!isNews) return;
  advanceCommit(state);
  // There may be room now to send it the rest, and the leadership behind that.
  if (state.transferTarget === message.from) state.appendsDue = true;
}

/** It has caught up as far as the log reaches back: entries will do again. */
function leaveSnapshot(state: RaftState, peer: Progress): void {
  if (peer.match + 1 >= state.log.firstIndex) peer.becomeReplicate();
}

/**
 * A refusal of what was acknowledged already is late. In replicate a refusal means that a message was lost: back to
 * one message at a time. So it does when the follower lacks what it was only assumed to have, but then the refusal
 * answers as one of a probe. In probe only the answer to the newest probe counts; it says how far to go back.
 */
function onRefused(state: RaftState, peer: Progress, message: AppendEntriesResponse): void {
  if (message.index === 0) {
    if (peer.state !== 'snapshot') peer.lose(agreementHint(state, message));
    return;
  }
  if (message.index <= peer.match) return;
  if (peer.isUncertain) peer.doubt();
  else if (peer.state === 'replicate') return peer.doubt();
  if (peer.state === 'probe' && message.index === peer.next - 1) {
    peer.refuse(agreementHint(state, message));
  }
}

/** Up to where the logs may agree: not where the follower's entries are of an earlier term than here. */
function agreementHint(state: RaftState, message: AppendEntriesResponse): LogIndex {
  return state.log.lastIndexWithTermAtMost(message.hintIndex, message.hintTerm);
}
