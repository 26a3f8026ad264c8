import type { CommitNotice } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import { acceptLeader } from './leader-contact.ts';

/**
 * More is committed (Raft section 5.3). What this node has beyond `matchedIndex` may be left over from an
 * older leader, so it is not meant.
 */
export function handleCommitNotice(state: RaftState, message: CommitNotice): void {
  if (!acceptLeader(state, message.from)) return;
  state.log.commitTo(Math.min(message.commit, state.matchedIndex));
}
