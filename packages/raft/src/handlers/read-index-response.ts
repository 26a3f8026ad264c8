import type { ReadIndexResponse } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';

/** The leader confirmed a read that this node asked for. */
export function handleReadIndexResponse(state: RaftState, message: ReadIndexResponse): void {
  state.outbox.answerRead({ requestId: message.requestId, index: message.index });
}
