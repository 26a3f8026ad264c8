/*
 * The first chunk of every snapshot is the runtime's own, the others are the state machine's:
 *
 *   timeMs f64    no command that the snapshot covers was stamped later than this
 */
import { readFloat64, writeFloat64 } from '../command.ts';

const PREAMBLE_BYTES = 8;

export interface SnapshotPreamble {
  /** ms since 1970. */
  readonly timeMs: number;
}

export function encodePreamble({ timeMs }: SnapshotPreamble): Uint8Array {
  const bytes = new Uint8Array(PREAMBLE_BYTES);
  writeFloat64(bytes, 0, timeMs);
  return bytes;
}

export function decodePreamble(chunk: Uint8Array | undefined): SnapshotPreamble {
  return { timeMs: chunk?.length === PREAMBLE_BYTES ? readFloat64(chunk, 0) : 0 };
}
