import { JuteReader, JuteWriter, ProtocolError } from '@bellwether/protocol';
import { DIGEST_VERSION } from './digest.ts';
import type { Checkpoint } from './digest-history.ts';
import { DIGESTS_REPORTED_MAX } from './limits.ts';

/**
 * What a node tells the others of its digests. On the wire: int -1 (the count of touched sessions, which
 * is what else goes from service to service, is never negative), int version, int count, then for each
 * long index, int a, int b; the oldest first.
 */
const MARK = -1;

/** `checkpoints`: the oldest first, DIGESTS_REPORTED_MAX at most. */
export function encodeDigestReport(checkpoints: readonly Checkpoint[]): Uint8Array {
  const writer = new JuteWriter();
  writer.writeInt(MARK);
  writer.writeInt(DIGEST_VERSION);
  writer.writeInt(checkpoints.length);
  for (const { index, a, b } of checkpoints) {
    writer.writeLong(index);
    writer.writeInt(a);
    writer.writeInt(b);
  }
  return writer.copy();
}

/** Whether the message is one of these, and not one of touched sessions. */
export function isDigestReport(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new JuteReader(bytes).readInt() === MARK;
}

/** What is malformed, or of another version, reports nothing. */
export function decodeDigestReport(bytes: Uint8Array): readonly Checkpoint[] {
  try {
    const reader = new JuteReader(bytes);
    reader.readInt();
    if (reader.readInt() !== DIGEST_VERSION) return [];
    const count = reader.readVectorLength(16);
    const checkpoints: Checkpoint[] = [];
    for (let i = 0; i < Math.min(count, DIGESTS_REPORTED_MAX); i++) {
      checkpoints.push({ index: reader.readLong(), a: reader.readInt(), b: reader.readInt() });
    }
    return checkpoints;
  } catch (error) {
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}
