/*
 * What the data of a log entry of kind `command` holds:
 *
 *   origin u32 | incarnation u32 | sequence f64 | timeMs f64 | payload
 *
 * The origin is the node through which the command was proposed, the incarnation a random number
 * that it chose when it started, the sequence its own count from 1. Together they name a command for
 * ever, which is what makes resending exactly-once. The leader stamps the time when it orders the
 * command. All numbers are big-endian.
 *
 * Commands travel in batches, from the service thread to the consensus thread and on to the leader:
 *
 *   { length u32 | command }*
 *
 * The place for the time is in it from the start, so that the leader stamps in place and every
 * entry's data is a view into the batch: a command is copied once into the batch, once into the log.
 */
import type { NodeId } from '@bellwether/raft';

export const COMMAND_HEADER_BYTES = 24;
export const BATCH_ITEM_HEADER_BYTES = 4;

const INCARNATION_AT = 4;
const SEQUENCE_AT = 8;
const TIME_AT = 16;

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) * 0x1000000 +
      (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))) >>>
    0
  );
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

export function readFloat64(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++) scratchBytes[i] = bytes[at + i] ?? 0;
  return scratch.getFloat64(0);
}

export function writeFloat64(bytes: Uint8Array, at: number, value: number): void {
  scratch.setFloat64(0, value);
  for (let i = 0; i < 8; i++) bytes[at + i] = scratchBytes[i] ?? 0;
}

/** The fields of the header of a command that begins at `at`, read in place. */
export const commandOrigin = (data: Uint8Array, at = 0): NodeId => readUint32(data, at);
export const commandIncarnation = (data: Uint8Array, at = 0): number =>
  readUint32(data, at + INCARNATION_AT);
export const commandSequence = (data: Uint8Array, at = 0): number =>
  readFloat64(data, at + SEQUENCE_AT);
export const commandTimeMs = (data: Uint8Array, at = 0): number => readFloat64(data, at + TIME_AT);

/** Stamps the leader's time, before the entry is made. */
export function stampTime(data: Uint8Array, timeMs: number): void {
  writeFloat64(data, TIME_AT, timeMs);
}

/** Writes one batch item: length and header; the payload belongs right behind it. */
export function writeItemHeader(
  bytes: Uint8Array,
  at: number,
  command: { origin: NodeId; incarnation: number; sequence: number; payloadBytes: number },
): number {
  writeUint32(bytes, at, COMMAND_HEADER_BYTES + command.payloadBytes);
  const start = at + BATCH_ITEM_HEADER_BYTES;
  writeUint32(bytes, start, command.origin);
  writeUint32(bytes, start + INCARNATION_AT, command.incarnation);
  writeFloat64(bytes, start + SEQUENCE_AT, command.sequence);
  writeFloat64(bytes, start + TIME_AT, 0);
  return start + COMMAND_HEADER_BYTES;
}

/**
 * The commands of a batch, as views into it. Stops at the first item that does not fit its batch
 * and says so by returning false: a batch from a peer may be malformed.
 */
export function forEachCommand(batch: Uint8Array, onCommand: (data: Uint8Array) => void): boolean {
  let at = 0;
  while (at < batch.length) {
    if (at + BATCH_ITEM_HEADER_BYTES > batch.length) return false;
    const start = at + BATCH_ITEM_HEADER_BYTES;
    const end = start + readUint32(batch, at);
    if (end > batch.length || end - start < COMMAND_HEADER_BYTES) return false;
    onCommand(batch.subarray(start, end));
    at = end;
  }
  return true;
}
