import type { HeartbeatResponse } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import { confirmRounds } from '../read-index.ts';
import { isSendable } from '../replication.ts';

/**
 * A member confirms that this node led when the round was sent. It is reachable too: a probe is sent
 * again, what is only assumed is asked, and one that is behind gets a message whose answer shows whether
 * something was lost.
 */
export function handleHeartbeatResponse(state: RaftState, message: HeartbeatResponse): void {
  if (!state.isLeader || message.round > state.reads.lastRound) return;
  const peer = state.tracker.get(message.from);
  if (peer === undefined) return;
  peer.heardTick = state.ticks;
  peer.probeSent = false;
  if (peer.isUncertain) peer.doubt();
  if (peer.state === 'replicate' && peer.match < state.log.lastIndex) peer.mustSend = true;
  if (isSendable(state, peer)) state.appendsDue = true;
  if (message.round <= peer.ackedRound) return;
  peer.ackedRound = message.round;
  confirmRounds(state);
}
