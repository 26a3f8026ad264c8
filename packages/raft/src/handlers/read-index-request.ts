import type { ReadIndexRequest } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import { requestRead } from '../read-index.ts';

/** A follower asks on behalf of its clients. Whoever leads no more drops it; the follower asks again. */
export function handleReadIndexRequest(state: RaftState, message: ReadIndexRequest): void {
  if (!state.isLeader) return;
  const { requestId, from, basis } = message;
  requestRead(state, { requestId, from, basis });
}
