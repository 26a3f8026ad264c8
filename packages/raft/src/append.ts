import { decodeMembership } from './membership-codec.ts';
import type { RaftState } from './raft-state.ts';
import type { Entry, EntryKind, Membership } from './types.ts';
import { assert } from './assert.ts';

/** The leader appends an entry of its own; it leaves with the next Ready. */
export function appendOwn(state: RaftState, kind: EntryKind, data: Uint8Array): Entry {
  const { log } = state;
  assert(state.isLeader, 'only a leader appends on its own');
  const entry: Entry = { index: log.lastIndex + 1, term: state.term, kind, data };
  log.append(entry);
  state.uncommittedBytes += data.length;
  state.appendsDue = true;
  if (kind === 'membership') followMembership(state, entry);
  return entry;
}

/** A follower appends what the leader sent. Entries that were checked: consecutive, readable. */
export function appendReceived(state: RaftState, entries: readonly Entry[], from: number): void {
  for (let i = from; i < entries.length; i += 1) {
    const entry = entries[i] as Entry;
    state.log.append(entry);
    if (entry.kind === 'membership') followMembership(state, entry);
  }
}

/** A follower drops the entries from `from` on: they differ from the leader's (Raft section 5.3). */
export function truncate(state: RaftState, from: number): void {
  state.log.truncateSuffix(from);
  state.memberships.truncateSuffix(from);
}

/** The membership counts from the moment it is in the log (Raft section 6). */
function followMembership(state: RaftState, entry: Entry): void {
  const membership = readMembership(entry);
  assert(membership !== undefined, 'memberships are checked before they are appended');
  state.memberships.truncatePrefix(state.log.firstIndex - 1);
  state.memberships.append(entry.index, membership);
  if (state.isLeader) state.tracker.follow(membership, entry.index, state.ticks);
}

/** The membership in `entry`; undefined when its data is malformed. */
export function readMembership(entry: Entry): Membership | undefined {
  const decoding = decodeMembership(entry.data);
  return decoding.outcome === 'decoded' ? decoding.membership : undefined;
}
