/*
 * The body of a frame between peers: one byte for the type, then the fields in the order below,
 * big-endian, indexes and terms as 64-bit floats (exact below 2^53), byte strings with a u32 length.
 * Sender and receiver are not in it: a connection has one of each.
 *
 * A newer build may add fields behind those that are here, and types; an older one passes over both.
 */
import type {
  Entry,
  EntryKind,
  Message,
  NodeId,
  ReadBasis,
  Role,
  SnapshotMetadata,
} from '@bellwether/raft';
import { decodeMembership, encodeMembership } from '@bellwether/raft';
import type { Vitals } from '../detection/vitals.ts';
import { ClusterError } from '../errors.ts';
import type { ByteWriter } from './bytes.ts';
import { ByteReader } from './bytes.ts';
import type { PeerMessage } from './peer-message.ts';

const TYPES = [
  'RequestPreVote',
  'RequestPreVoteResponse',
  'RequestVote',
  'RequestVoteResponse',
  'AppendEntries',
  'AppendEntriesResponse',
  'Heartbeat',
  'HeartbeatResponse',
  'CommitNotice',
  'InstallSnapshot',
  'HandOver',
  'ReadIndexRequest',
  'ReadIndexResponse',
  'ForwardCommands',
  'ServiceMessage',
  'MembersMessage',
  'Vitals',
] as const satisfies readonly PeerMessage['type'][];

const ENTRY_KINDS = ['command', 'noop', 'membership'] as const satisfies readonly EntryKind[];

const READ_BASES = ['quorum', 'lease'] as const satisfies readonly ReadBasis[];

const ROLES = [
  'follower',
  'preCandidate',
  'candidate',
  'leader',
] as const satisfies readonly Role[];

/** Number on the wire of an entry's kind. */
export const entryKindCode = (kind: EntryKind): number => ENTRY_KINDS.indexOf(kind);

/** The kind behind a number on the wire; throws PEER_PROTOCOL for an unknown one. */
export function entryKindOf(code: number): EntryKind {
  const kind = ENTRY_KINDS[code];
  if (kind === undefined) throw new ClusterError('PEER_PROTOCOL', `unknown entry kind ${code}`);
  return kind;
}

/** Number on the wire of a node's role. */
export const roleCode = (role: Role): number => ROLES.indexOf(role);

/** The role behind a number on the wire; throws PEER_PROTOCOL for an unknown one. */
export function roleOf(code: number): Role {
  const role = ROLES[code];
  if (role === undefined) throw new ClusterError('PEER_PROTOCOL', `unknown role ${code}`);
  return role;
}

/** Appends the message's body to `writer`. */
export function writeMessage(writer: ByteWriter, message: PeerMessage): void {
  writer.u8(TYPES.indexOf(message.type));
  if ('term' in message) writer.f64(message.term);
  switch (message.type) {
    case 'RequestPreVote':
      writer.f64(message.lastIndex);
      return writer.f64(message.lastTerm);
    case 'RequestVote':
      writer.f64(message.lastIndex);
      writer.f64(message.lastTerm);
      return writer.u8(message.isTransfer ? 1 : 0);
    case 'RequestPreVoteResponse':
    case 'RequestVoteResponse':
      return writer.u8(message.granted ? 1 : 0);
    case 'AppendEntries':
      writer.f64(message.prevIndex);
      writer.f64(message.prevTerm);
      writer.f64(message.commit);
      return writeEntries(writer, message.entries);
    case 'AppendEntriesResponse':
      writer.u8(message.accepted ? 1 : 0);
      writer.f64(message.index);
      writer.f64(message.hintIndex);
      return writer.f64(message.hintTerm);
    case 'Heartbeat':
      writer.f64(message.commit);
      return writer.f64(message.round);
    case 'HeartbeatResponse':
      return writer.f64(message.round);
    case 'CommitNotice':
      return writer.f64(message.commit);
    case 'InstallSnapshot':
      writer.f64(message.snapshot.index);
      writer.f64(message.snapshot.term);
      return writer.bytes(encodeMembership(message.snapshot.membership));
    case 'HandOver':
      writer.u32(message.successor);
      writer.f64(message.lastIndex);
      return writer.f64(message.lastTerm);
    case 'ReadIndexRequest':
      writer.f64(message.requestId);
      return writer.u8(READ_BASES.indexOf(message.basis));
    case 'ReadIndexResponse':
      writer.f64(message.requestId);
      return writer.f64(message.index);
    case 'ForwardCommands':
      writer.f64(message.seenIndex);
      return writer.bytes(message.batch);
    case 'ServiceMessage':
    case 'MembersMessage':
      return writer.bytes(message.bytes);
    case 'Vitals':
      return writeVitals(writer, message.vitals);
    default:
      return message satisfies never;
  }
}

function writeVitals(writer: ByteWriter, vitals: Vitals): void {
  writer.u8(roleCode(vitals.role));
  writer.f64(vitals.term);
  writer.f64(vitals.commit);
  writer.f64(vitals.loadBytes);
  writer.f64(vitals.loopDelayMs);
  writer.f64(vitals.flushAgeMs);
  writer.f64(vitals.flushPendingMs);
  writer.f64(vitals.serviceAgeMs);
  writer.f64(vitals.servicePendingMs);
}

function writeEntries(writer: ByteWriter, entries: readonly Entry[]): void {
  writer.u32(entries.length);
  for (const entry of entries) {
    writer.u8(entryKindCode(entry.kind));
    writer.f64(entry.term);
    writer.bytes(entry.data);
  }
}

/**
 * Reads a frame's body. Entries' data and batches are views into it.
 *
 * @returns undefined for a type that only newer builds know
 * @throws ClusterError PEER_PROTOCOL when the body is malformed.
 */
export function readMessage(body: Uint8Array, from: NodeId, to: NodeId): PeerMessage | undefined {
  const reader = new ByteReader(body);
  const type = TYPES[reader.u8()];
  return type && readFields(reader, type, from, to);
}

function readFields(
  reader: ByteReader,
  type: PeerMessage['type'],
  from: NodeId,
  to: NodeId,
): PeerMessage {
  if (type === 'ServiceMessage' || type === 'MembersMessage') {
    return { type, from, to, bytes: reader.bytes() };
  }
  if (type === 'Vitals') return { type, from, to, vitals: readVitals(reader) };
  const term = reader.count();
  if (type === 'ForwardCommands') {
    return { type, from, to, term, seenIndex: reader.count(), batch: reader.bytes() };
  }
  return readRaftFields(reader, type, { from, to, term });
}

function readRaftFields(
  reader: ByteReader,
  type: Message['type'],
  envelope: { from: NodeId; to: NodeId; term: number },
): Message {
  switch (type) {
    case 'RequestPreVote':
      return { type, ...envelope, lastIndex: reader.count(), lastTerm: reader.count() };
    case 'RequestVote': {
      const log = { lastIndex: reader.count(), lastTerm: reader.count() };
      return { type, ...envelope, ...log, isTransfer: reader.u8() === 1 };
    }
    case 'RequestPreVoteResponse':
    case 'RequestVoteResponse':
      return { type, ...envelope, granted: reader.u8() === 1 };
    case 'AppendEntries': {
      const prev = { prevIndex: reader.count(), prevTerm: reader.count() };
      const commit = reader.count();
      return { type, ...envelope, ...prev, commit, entries: readEntries(reader, prev.prevIndex) };
    }
    case 'AppendEntriesResponse': {
      const accepted = reader.u8() === 1;
      const index = reader.count();
      return { type, ...envelope, accepted, index, ...readHint(reader) };
    }
    case 'Heartbeat':
      return { type, ...envelope, commit: reader.count(), round: reader.count() };
    case 'HeartbeatResponse':
      return { type, ...envelope, round: reader.count() };
    case 'CommitNotice':
      return { type, ...envelope, commit: reader.count() };
    case 'InstallSnapshot':
      return { type, ...envelope, snapshot: readSnapshotMetadata(reader) };
    case 'HandOver':
      return {
        ...{ type, ...envelope, successor: reader.u32() },
        ...{ lastIndex: reader.count(), lastTerm: reader.count() },
      };
    case 'ReadIndexRequest':
      return { type, ...envelope, requestId: reader.count(), basis: readBasis(reader) };
    case 'ReadIndexResponse':
      return { type, ...envelope, requestId: reader.count(), index: reader.count() };
    default:
      return type satisfies never;
  }
}

function readBasis(reader: ByteReader): ReadBasis {
  const code = reader.u8();
  const basis = READ_BASES[code];
  if (basis === undefined) throw new ClusterError('PEER_PROTOCOL', `unknown read basis ${code}`);
  return basis;
}

function readVitals(reader: ByteReader): Vitals {
  return {
    role: roleOf(reader.u8()),
    term: reader.count(),
    commit: reader.count(),
    loadBytes: reader.count(),
    loopDelayMs: reader.count(),
    flushAgeMs: reader.count(),
    flushPendingMs: reader.count(),
    serviceAgeMs: reader.count(),
    servicePendingMs: reader.count(),
  };
}

const readHint = (reader: ByteReader): { hintIndex: number; hintTerm: number } => ({
  hintIndex: reader.count(),
  hintTerm: reader.count(),
});

function readSnapshotMetadata(reader: ByteReader): SnapshotMetadata {
  const index = reader.count();
  const term = reader.count();
  const decoded = decodeMembership(reader.bytes());
  if (decoded.outcome === 'decoded') return { index, term, membership: decoded.membership };
  throw new ClusterError('PEER_PROTOCOL', `malformed membership: ${decoded.reason}`);
}

function readEntries(reader: ByteReader, prevIndex: number): Entry[] {
  const count = reader.u32();
  const entries: Entry[] = [];
  for (let i = 1; i <= count; i++) {
    const kind = entryKindOf(reader.u8());
    entries.push({ index: prevIndex + i, kind, term: reader.count(), data: reader.bytes() });
  }
  return entries;
}
