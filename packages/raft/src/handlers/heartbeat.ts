import type { Heartbeat } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import { acceptLeader } from './leader-contact.ts';

/** The leader is alive, and says how far what this node is known to hold is committed. */
export function handleHeartbeat(state: RaftState, message: Heartbeat): void {
  if (!acceptLeader(state, message.from)) return;
  const { from, round } = message;
  state.outbox.send({
    type: 'HeartbeatResponse',
    from: state.id,
    to: from,
    term: state.term,
    round,
  });
  if (message.commit <= state.log.lastIndex) state.log.commitTo(message.commit);
  else confessLoss(state, message);
}

/**
 * The leader was told that more is durable here than there is. On a working disk that can't be, however
 * late a message comes: a heartbeat's commit is at most what was acknowledged to this very leader.
 */
function confessLoss(state: RaftState, message: Heartbeat): void {
  state.outbox.send({
    type: 'AppendEntriesResponse',
    from: state.id,
    to: message.from,
    term: state.term,
    accepted: false,
    index: 0,
    hintIndex: state.log.lastIndex,
    hintTerm: state.log.lastTerm,
  });
}
