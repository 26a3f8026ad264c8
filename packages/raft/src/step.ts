import { handleAppendEntriesResponse } from './handlers/append-entries-response.ts';
import { handleAppendEntries } from './handlers/append-entries.ts';
import { handleCommitNotice } from './handlers/commit-notice.ts';
import { handleHandOver } from './handlers/hand-over.ts';
import { handleHeartbeatResponse } from './handlers/heartbeat-response.ts';
import { handleHeartbeat } from './handlers/heartbeat.ts';
import { handleInstallSnapshot } from './handlers/install-snapshot.ts';
import { handleReadIndexRequest } from './handlers/read-index-request.ts';
import { handleReadIndexResponse } from './handlers/read-index-response.ts';
import { handleRequestPreVoteResponse } from './handlers/request-pre-vote-response.ts';
import { handleRequestPreVote } from './handlers/request-pre-vote.ts';
import { handleRequestVoteResponse } from './handlers/request-vote-response.ts';
import { handleRequestVote } from './handlers/request-vote.ts';
import { TERM_MAX } from './limits.ts';
import type { Message } from './messages.ts';
import type { RaftState } from './raft-state.ts';
import { becomeFollower } from './roles.ts';
import { NO_NODE } from './types.ts';

/**
 * Takes a peer's message: first its term is compared (Raft section 5.1), then its handler acts. A message
 * that no correct peer would send is dropped, whatever it says.
 */
export function step(state: RaftState, message: Message): void {
  if (message.to !== state.id || message.from === state.id) return;
  if (!(message.term >= 0 && message.term <= TERM_MAX)) return;
  if (message.term > state.term && !enterNewerTerm(state, message)) return;
  if (message.term < state.term && !answerOlderTerm(state, message)) return;
  dispatch(state, message);
}

/** Returns whether the message is to be handled. */
function enterNewerTerm(state: RaftState, message: Message): boolean {
  switch (message.type) {
    case 'RequestPreVote':
      return true;
    case 'RequestPreVoteResponse':
      // A grant carries the term that this node would campaign in; nobody is there yet.
      if (!message.granted) becomeFollower(state, message.term, NO_NODE);
      return true;
    case 'RequestVote':
      // Whoever hears a leader lets no one disturb it, unless the leader itself asked (4.2.3).
      if (!message.isTransfer && (state.hasLiveLeader || state.hasPromisedLease)) return false;
      becomeFollower(state, message.term, NO_NODE);
      return true;
    case 'AppendEntries':
    case 'Heartbeat':
    case 'CommitNotice':
    case 'InstallSnapshot':
      becomeFollower(state, message.term, message.from);
      return true;
    case 'RequestVoteResponse':
    case 'AppendEntriesResponse':
    case 'HeartbeatResponse':
    case 'HandOver':
    case 'ReadIndexRequest':
    case 'ReadIndexResponse':
      becomeFollower(state, message.term, NO_NODE);
      return true;
    default:
      return ignoreUnknown(message);
  }
}

/** Returns whether the message is to be handled in spite of its age. */
function answerOlderTerm(state: RaftState, message: Message): boolean {
  switch (message.type) {
    case 'RequestPreVote':
      return true;
    case 'RequestPreVoteResponse':
      // A refusal carries the term of who refused, which may be behind.
      return !message.granted;
    case 'RequestVote':
      sendTerm(state, message, 'RequestVoteResponse');
      return false;
    case 'AppendEntries':
    case 'Heartbeat':
    case 'CommitNotice':
    case 'InstallSnapshot':
      // With pre-vote and check-quorum nothing else would tell a replaced leader of its successor.
      sendTerm(state, message, 'HeartbeatResponse');
      return false;
    default:
      return false;
  }
}

/**
 * So that the sender learns the newer term. The sender may lead that term by now: then its message was
 * late, and the answer must say nothing else. No round has the number 0.
 */
function sendTerm(
  state: RaftState,
  message: Message,
  type: 'RequestVoteResponse' | 'HeartbeatResponse',
): void {
  const envelope = { from: state.id, to: message.from, term: state.term };
  if (type === 'RequestVoteResponse') {
    state.outbox.send({ type, ...envelope, granted: false });
  } else {
    state.outbox.send({ type, ...envelope, round: 0 });
  }
}

function dispatch(state: RaftState, message: Message): void {
  switch (message.type) {
    case 'RequestPreVote':
      return handleRequestPreVote(state, message);
    case 'RequestPreVoteResponse':
      return handleRequestPreVoteResponse(state, message);
    case 'RequestVote':
      return handleRequestVote(state, message);
    case 'RequestVoteResponse':
      return handleRequestVoteResponse(state, message);
    case 'AppendEntries':
      return handleAppendEntries(state, message);
    case 'AppendEntriesResponse':
      return handleAppendEntriesResponse(state, message);
    case 'Heartbeat':
      return handleHeartbeat(state, message);
    case 'HeartbeatResponse':
      return handleHeartbeatResponse(state, message);
    case 'CommitNotice':
      return handleCommitNotice(state, message);
    case 'InstallSnapshot':
      return handleInstallSnapshot(state, message);
    case 'HandOver':
      return handleHandOver(state, message);
    case 'ReadIndexRequest':
      return handleReadIndexRequest(state, message);
    case 'ReadIndexResponse':
      return handleReadIndexResponse(state, message);
    default:
      ignoreUnknown(message);
  }
}

/** All types are handled, says the compiler; a peer may still send what it knows nothing of. */
function ignoreUnknown(message: never): false {
  void message;
  return false;
}
