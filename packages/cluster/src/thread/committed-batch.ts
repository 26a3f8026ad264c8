/*
 * Committed entries on their way from the consensus thread to the service thread:
 *
 *   { length u32 | kind u8 | term f64 | data }*
 *
 * The length is that of the data alone. The index of the first is sent beside the bytes.
 */
import type { Entry, EntryKind, LogIndex, NodeId, Term } from '@bellwether/raft';
import {
  COMMAND_HEADER_BYTES,
  commandIncarnation,
  commandOrigin,
  commandSequence,
  commandTimeMs,
  readFloat64,
  readUint32,
  writeFloat64,
  writeUint32,
} from '../command.ts';
import type { CommittedBatch } from '../service.ts';
import type { ByteWriter } from '../wire/bytes.ts';
import { entryKindCode, entryKindOf } from '../wire/message-codec.ts';
import type { TravellingBuffers } from './travelling-buffers.ts';

const ITEM_HEADER_BYTES = 13;
const NOTHING = new Uint8Array(0);

/** Packs entries into one buffer, which is handed over to another thread. */
export function packEntries(entries: readonly Entry[], buffers: TravellingBuffers): Uint8Array {
  let size = 0;
  for (const entry of entries) size += ITEM_HEADER_BYTES + entry.data.length;
  const bytes = buffers.take(size);
  let at = 0;
  for (const entry of entries) {
    writeUint32(bytes, at, entry.data.length);
    bytes[at + 4] = entryKindCode(entry.kind);
    writeFloat64(bytes, at + 5, entry.term);
    bytes.set(entry.data, at + ITEM_HEADER_BYTES);
    at += ITEM_HEADER_BYTES + entry.data.length;
  }
  return bytes;
}

/** The same, behind what `writer` has. */
export function writeEntries(writer: ByteWriter, entries: readonly Entry[]): void {
  for (const { kind, term, data } of entries) {
    writer.u32(data.length);
    writer.u8(entryKindCode(kind));
    writer.f64(term);
    writer.raw(data);
  }
}

/** A cursor over packed entries, as the service thread of one node sees them. */
export class PackedBatch implements CommittedBatch {
  readonly #nodeId: NodeId;
  readonly #incarnation: number;
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Sequence of the newest own command passed so far. */
  ownSequenceMax = 0;
  index: LogIndex;
  term: Term = 0;
  kind: EntryKind = 'noop';
  isOwn = false;
  origin: NodeId = 0;
  sequence = 0;
  timeMs = 0;
  payload: Uint8Array = NOTHING;

  constructor(
    node: { readonly nodeId: NodeId; readonly incarnation: number },
    firstIndex: LogIndex,
    bytes: Uint8Array,
  ) {
    this.#nodeId = node.nodeId;
    this.#incarnation = node.incarnation;
    this.#bytes = bytes;
    this.index = firstIndex - 1;
  }

  next(): boolean {
    const bytes = this.#bytes;
    if (this.#at >= bytes.length) return false;
    const start = this.#at + ITEM_HEADER_BYTES;
    const end = start + readUint32(bytes, this.#at);
    this.index += 1;
    this.kind = entryKindOf(bytes[this.#at + 4] ?? 0);
    this.term = readFloat64(bytes, this.#at + 5);
    this.#at = end;
    if (this.kind === 'command') this.#readCommand(start, end);
    else this.#clear(bytes.subarray(start, end));
    return true;
  }

  #readCommand(start: number, end: number): void {
    const bytes = this.#bytes;
    this.origin = commandOrigin(bytes, start);
    const incarnation = commandIncarnation(bytes, start);
    this.isOwn = this.origin === this.#nodeId && incarnation === this.#incarnation;
    this.sequence = commandSequence(bytes, start);
    if (this.isOwn) this.ownSequenceMax = this.sequence;
    this.timeMs = commandTimeMs(bytes, start);
    this.payload = bytes.subarray(start + COMMAND_HEADER_BYTES, end);
  }

  #clear(payload: Uint8Array): void {
    this.origin = 0;
    this.isOwn = false;
    this.sequence = 0;
    this.payload = payload;
  }
}
