/*
 * The leader times sessions out, but its proposal may reach the log only under the next leader, who
 * has heard from those sessions since. So such a command carries the term in which it was decided,
 * and where it is applied it counts only in that term:
 *
 *   closeSession command of @bellwether/coordination (10 bytes) | term i64
 */
import { encodeCloseSession } from '@bellwether/coordination';
import { JuteReader, JuteWriter } from '@bellwether/protocol';
import type { Term } from '@bellwether/raft';

const sample = new JuteWriter();
encodeCloseSession(sample, 1, 'expired');
const CLOSE_SESSION_TYPE = sample.view()[0];
const CLOSE_SESSION_BYTES = sample.length;
const EXPIRY_BYTES = CLOSE_SESSION_BYTES + 8;

/** Appends the command to `writer`. */
export function encodeExpiry(writer: JuteWriter, sessionId: number, term: Term): void {
  encodeCloseSession(writer, sessionId, 'expired');
  writer.writeLong(term);
}

/** What an expiry says. */
export interface Expiry {
  readonly sessionId: number;
  /** In which it was decided. */
  readonly term: Term;
}

/** The expiry that a command is; undefined for any other. */
export function readExpiry(payload: Uint8Array): Expiry | undefined {
  if (payload[0] !== CLOSE_SESSION_TYPE || payload.length !== EXPIRY_BYTES) return undefined;
  const sessionId = new JuteReader(payload, 1).readLong();
  return { sessionId, term: new JuteReader(payload, CLOSE_SESSION_BYTES).readLong() };
}

/**
 * The command that is to be applied, or undefined for an expiry that was decided in another term
 * than it was ordered in. The same on all nodes, since both terms are in the log.
 */
export function withoutStaleExpiry(payload: Uint8Array, term: Term): Uint8Array | undefined {
  const expiry = readExpiry(payload);
  if (expiry === undefined) return payload;
  return expiry.term === term ? payload.subarray(0, CLOSE_SESSION_BYTES) : undefined;
}
