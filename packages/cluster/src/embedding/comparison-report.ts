/*
 * What a node tells the others of what its state machine came to:
 *
 *   'BWRC' | { index f64 | kind u8 | hash u32 }*
 *
 * kind 0: of a command's result; 1: of the whole state behind it.
 */
import type { LogIndex } from '@bellwether/raft';
import { readFloat64, readUint32, writeFloat64, writeUint32 } from '../command.ts';

/** What a state machine came to at one index. */
export interface Finding {
  readonly index: LogIndex;
  readonly kind: 'result' | 'state';
  readonly hash: number;
}

const MAGIC = 0x42575243;
const HEADER_BYTES = 4;
const ITEM_BYTES = 13;

export function encodeReport(findings: readonly Finding[]): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + findings.length * ITEM_BYTES);
  writeUint32(bytes, 0, MAGIC);
  findings.forEach(({ index, kind, hash }, i) => {
    const at = HEADER_BYTES + i * ITEM_BYTES;
    writeFloat64(bytes, at, index);
    bytes[at + 8] = kind === 'state' ? 1 : 0;
    writeUint32(bytes, at + 9, hash);
  });
  return bytes;
}

/** None when it is something else: nodes may be of different builds. */
export function decodeReport(bytes: Uint8Array): readonly Finding[] {
  if (bytes.length < HEADER_BYTES || readUint32(bytes, 0) !== MAGIC) return [];
  const findings: Finding[] = [];
  for (let at = HEADER_BYTES; at + ITEM_BYTES <= bytes.length; at += ITEM_BYTES) {
    const kind = bytes[at + 8] === 1 ? 'state' : 'result';
    findings.push({ index: readFloat64(bytes, at), kind, hash: readUint32(bytes, at + 9) });
  }
  return findings;
}
