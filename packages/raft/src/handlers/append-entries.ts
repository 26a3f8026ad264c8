import { appendReceived, readMembership, truncate } from '../append.ts';
import type { AppendEntries } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import type { LogIndex } from '../types.ts';
import { acceptLeader } from './leader-contact.ts';

/** A follower makes its log the leader's (Raft section 5.3, figure 2). */
export function handleAppendEntries(state: RaftState, message: AppendEntries): void {
  if (!isWellFormed(message) || !acceptLeader(state, message.from)) return;
  const { log } = state;
  if (message.prevIndex < log.commitIndex) {
    // All of it is decided here, so the leader may go on from there.
    acknowledge(state, message, log.commitIndex);
  } else if (log.has({ index: message.prevIndex, term: message.prevTerm })) {
    append(state, message);
  } else {
    refuse(state, message);
  }
}

function append(state: RaftState, message: AppendEntries): void {
  const { log } = state;
  const { entries } = message;
  let known = 0;
  while (known < entries.length && log.has(entries[known] as (typeof entries)[number])) known += 1;
  const first = message.prevIndex + known + 1;
  if (known < entries.length) {
    if (first <= log.lastIndex) truncate(state, first);
    appendReceived(state, entries, known);
  }
  const last = message.prevIndex + entries.length;
  state.matchedIndex = Math.max(state.matchedIndex, last);
  log.commitTo(Math.min(message.commit, last));
  acknowledge(state, message, last);
}

function acknowledge(state: RaftState, message: AppendEntries, index: LogIndex): void {
  state.outbox.acknowledge(state.id, message.from, state.term, index);
}

/** Says where the logs may still agree, past all entries of terms that the leader can't have there. */
function refuse(state: RaftState, message: AppendEntries): void {
  const { log } = state;
  const candidate = log.lastIndexWithTermAtMost(message.prevIndex, message.prevTerm);
  // What is committed is the same everywhere.
  const hintIndex = Math.max(candidate, log.commitIndex);
  state.outbox.send({
    type: 'AppendEntriesResponse',
    from: state.id,
    to: message.from,
    term: state.term,
    accepted: false,
    index: message.prevIndex,
    hintIndex,
    hintTerm: log.term(hintIndex),
  });
}

/** Consecutive, terms never falling nor above the leader's, memberships readable. */
function isWellFormed(message: AppendEntries): boolean {
  let index = message.prevIndex;
  let term = message.prevTerm;
  for (const entry of message.entries) {
    index += 1;
    if (entry.index !== index || entry.term < term) return false;
    if (entry.kind === 'membership' && readMembership(entry) === undefined) return false;
    term = entry.term;
  }
  return term <= message.term;
}
