/*
 * Members as the context of a membership entry: JSON in UTF-8, the fields of `Members`. There is little
 * of it, it is seldom read, and a person who looks at the log can read it too.
 */
import { decodeMembership } from '@bellwether/raft';
import { isCount, isMembers, isRecord, parseJson, writeJson } from './json.ts';
import { mistakesIn } from './members-check.ts';
import type { Members } from './members.ts';

export function encodeMembers(members: Members): Uint8Array {
  return writeJson(members);
}

/** The members in a context; undefined when there is none, or one that was not written by us. */
export function decodeMembers(context: Uint8Array | undefined): Members | undefined {
  return context === undefined ? undefined : readMembers(parseJson(context));
}

/** Members in parsed JSON; undefined when they are none, or can't be. */
export function readMembers(value: unknown): Members | undefined {
  if (!isRecord(value)) return undefined;
  const { version, timeMs, changeId, members, leaving } = value;
  if (!isCount(version) || !isCount(timeMs) || typeof changeId !== 'string') return undefined;
  if (!isMembers(members) || !isMembers(leaving) || mistakesIn(members).length > 0)
    return undefined;
  return { version, timeMs, changeId, members, leaving };
}

/** The members that an entry of kind membership brings; undefined when it names none. */
export function membersInEntry(data: Uint8Array): Members | undefined {
  const decoding = decodeMembership(data);
  return decoding.outcome === 'decoded' ? decodeMembers(decoding.membership.context) : undefined;
}
