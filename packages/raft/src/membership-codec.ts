import { assert } from './assert.ts';
import { MEMBERS_MAX, NODE_ID_MAX, isNodeId } from './limits.ts';
import { canonicalMembership, isContextSize } from './membership.ts';
import type { Membership, NodeId } from './types.ts';

/*
 * The data of a membership entry:
 *
 *   version  1 byte: 2 when there is a context, 1 when there is none
 *   voters, votersOutgoing, learners, each:
 *     count  varint
 *     ids    count varints, strictly ascending, each from 1 to 2^32 - 1
 *   context  all the rest, 1 to MEMBERSHIP_CONTEXT_BYTES_MAX bytes; version 2 only
 *
 * A varint is little-endian base 128: seven bits a byte, the high bit set on all but the last.
 * There is at least one voter, none is also a learner.
 */

const VERSION = 1;
const VERSION_WITH_CONTEXT = 2;
const VARINT_BYTES_MAX = 5;

export type MembershipMalformation =
  | 'version'
  | 'truncated'
  | 'varint'
  | 'tooManyMembers'
  | 'badId'
  | 'notAscending'
  | 'noVoters'
  | 'voterIsLearner'
  | 'trailingBytes'
  | 'contextSize';

export type MembershipDecoding =
  | { readonly outcome: 'decoded'; readonly membership: Membership }
  | { readonly outcome: 'malformed'; readonly reason: MembershipMalformation };

/** The data of a membership entry; the format stands at the top of this file. */
export function encodeMembership(membership: Membership): Uint8Array {
  const { voters, votersOutgoing, learners, context } = canonicalMembership(membership);
  assert(voters.length > 0, 'a membership has voters');
  const bytes: number[] = [context === undefined ? VERSION : VERSION_WITH_CONTEXT];
  for (const ids of [voters, votersOutgoing, learners]) {
    writeVarint(bytes, ids.length);
    for (const id of ids) writeVarint(bytes, id);
  }
  if (context === undefined) return Uint8Array.from(bytes);
  const data = new Uint8Array(bytes.length + context.length);
  data.set(bytes);
  data.set(context, bytes.length);
  return data;
}

/** The reverse of `encodeMembership`; bytes that it never writes are `malformed`, never an exception. */
export function decodeMembership(data: Uint8Array): MembershipDecoding {
  if (data.length === 0) return malformed('truncated');
  const hasContext = data[0] === VERSION_WITH_CONTEXT;
  if (data[0] !== VERSION && !hasContext) return malformed('version');
  const reader = new VarintReader(data, 1);
  const voters = readIds(reader);
  if (typeof voters === 'string') return malformed(voters);
  const votersOutgoing = readIds(reader);
  if (typeof votersOutgoing === 'string') return malformed(votersOutgoing);
  const learners = readIds(reader);
  if (typeof learners === 'string') return malformed(learners);
  if (hasContext) {
    const context = data.slice(reader.offset);
    return checked({ voters, votersOutgoing, learners, context });
  }
  if (reader.offset !== data.length) return malformed('trailingBytes');
  return checked({ voters, votersOutgoing, learners });
}

function checked(membership: Membership): MembershipDecoding {
  const { voters, votersOutgoing, learners, context } = membership;
  if (voters.length === 0) return malformed('noVoters');
  if (!isContextSize(context)) return malformed('contextSize');
  if (voters.length + votersOutgoing.length + learners.length > MEMBERS_MAX) {
    return malformed('tooManyMembers');
  }
  const voterSet = new Set(voters);
  if (learners.some((id) => voterSet.has(id))) return malformed('voterIsLearner');
  return { outcome: 'decoded', membership };
}

function readIds(reader: VarintReader): readonly NodeId[] | MembershipMalformation {
  const count = reader.next();
  if (typeof count === 'string') return count;
  if (count > MEMBERS_MAX) return 'tooManyMembers';
  const ids: NodeId[] = [];
  let previous = 0;
  for (let i = 0; i < count; i += 1) {
    const id = reader.next();
    if (typeof id === 'string') return id;
    if (!isNodeId(id)) return 'badId';
    if (id <= previous) return 'notAscending';
    ids.push(id);
    previous = id;
  }
  return ids;
}

function malformed(reason: MembershipMalformation): MembershipDecoding {
  return { outcome: 'malformed', reason };
}

function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

class VarintReader {
  readonly #data: Uint8Array;
  offset: number;

  constructor(data: Uint8Array, offset: number) {
    this.#data = data;
    this.offset = offset;
  }

  /** Only the shortest form of a number is read, so that equal memberships have equal bytes. */
  next(): number | 'truncated' | 'varint' {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < VARINT_BYTES_MAX; i += 1) {
      const byte = this.#data[this.offset];
      if (byte === undefined) return 'truncated';
      this.offset += 1;
      value += (byte % 128) * scale;
      scale *= 128;
      if (byte >= 128) continue;
      const isShortest = i === 0 || byte > 0;
      return isShortest && value <= NODE_ID_MAX ? value : 'varint';
    }
    return 'varint';
  }
}
