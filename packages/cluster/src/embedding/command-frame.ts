/*
 * What an embedded state machine's command looks like in the log, behind the header that every command
 * has (command.ts):
 *
 *   kind u8 = 0 | command              whoever leads
 *   kind u8 = 1 | term f64 | command   only if it is ordered in this term
 */
import type { Term } from '@bellwether/raft';
import { readFloat64, writeFloat64 } from '../command.ts';

const ANY_TERM = 0;
const ONE_TERM = 1;

export interface FramedCommand {
  /** The only term in which it may be executed; undefined: any. */
  readonly onlyInTerm: Term | undefined;
  /** A view. */
  readonly command: Uint8Array;
}

export function frameCommand(command: Uint8Array, onlyInTerm: Term | undefined): Uint8Array {
  const headerBytes = onlyInTerm === undefined ? 1 : 9;
  const bytes = new Uint8Array(headerBytes + command.length);
  bytes[0] = onlyInTerm === undefined ? ANY_TERM : ONE_TERM;
  if (onlyInTerm !== undefined) writeFloat64(bytes, 1, onlyInTerm);
  bytes.set(command, headerBytes);
  return bytes;
}

/** Undefined when it is not a command of an embedded state machine. */
export function readFramedCommand(bytes: Uint8Array): FramedCommand | undefined {
  if (bytes[0] === ANY_TERM) return { onlyInTerm: undefined, command: bytes.subarray(1) };
  if (bytes[0] !== ONE_TERM || bytes.length < 9) return undefined;
  return { onlyInTerm: readFloat64(bytes, 1), command: bytes.subarray(9) };
}
