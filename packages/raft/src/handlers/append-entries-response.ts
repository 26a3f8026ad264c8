import { advanceCommit } from '../commit.ts';
import type { AppendEntriesResponse } from '../messages.ts';
import type { Progress } from '../progress.ts';
import type { RaftState } from '../raft-state.ts';
import { isSendable } from '../replication.ts';
import { continueTransfer } from '../transfer.ts';

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
  continueTransfer(state);
}

/** It has caught up as far as the log reaches back: entries will do again. */
function leaveSnapshot(state: RaftState, peer: Progress): void {
  if (peer.match + 1 >= state.log.firstIndex) peer.becomeReplicate();
}

/**
 * A refusal in replicate means that a message was lost: go back to what is acknowledged, one message
 * at a time. One below what is acknowledged is late. One exactly there may be late, or the follower may
 * have lost its disk; the probe that follows finds out, since only a refusal of that probe counts.
 */
function onRefused(state: RaftState, peer: Progress, message: AppendEntriesResponse): void {
  if (peer.state === 'replicate' && message.index >= peer.match) {
    peer.becomeProbe(peer.match + 1);
  } else if (peer.state === 'probe' && message.index === peer.next - 1) {
    const { hintIndex, hintTerm } = message;
    const hint = Math.min(hintIndex, message.index);
    peer.refuse(state.log.lastIndexWithTermAtMost(hint, hintTerm));
  }
}
