import { PASSWORD_BYTES, type Identity, type JuteReader, JuteWriter } from '@bellwether/protocol';
import { assert } from './assert.ts';
import { IDENTITIES_MAX } from './limits.ts';

/**
 * The payload of a log entry: one byte that says what it is, then jute.
 *
 *   createSession  1, passwd (16 bytes), int timeoutMs, int owner
 *   attachSession  2, long sessionId, int owner, int timeoutMs, passwd (the rest)
 *   closeSession   3, long sessionId, byte cause
 *   request        4, long sessionId, int owner, int opCode, identities, body (the rest)
 *   deleteMortal   5, long neverUsedMsMax, ustring path
 *   boundRequest   6, as request; quotas are enforced
 *
 *   identities     byte count; when it is not 0: int length of what follows, then for each
 *                  ustring scheme, ustring id
 *
 * The body of a request is the client's own bytes, behind the request header.
 */
export const CommandType = {
  createSession: 1,
  attachSession: 2,
  closeSession: 3,
  request: 4,
  deleteMortal: 5,
  boundRequest: 6,
} as const;

const closeCauses = ['client', 'expired'] as const;
/** Who ended a session: its client, or time. */
export type CloseCause = (typeof closeCauses)[number];

/** Identities as a request carries them: encode them once per connection. */
export type EncodedIdentities = Uint8Array;

/** Nobody in particular. */
export const NO_IDENTITIES: EncodedIdentities = new Uint8Array(1);

/** At most IDENTITIES_MAX of them, a programmer's error otherwise. */
export function encodeIdentities(identities: readonly Identity[]): EncodedIdentities {
  assert(identities.length <= IDENTITIES_MAX, 'identities within their limit');
  if (identities.length === 0) return NO_IDENTITIES;
  const writer = new JuteWriter(256);
  writer.writeByte(identities.length);
  const start = writer.beginFrame();
  for (const { scheme, id } of identities) {
    writer.writeString(scheme);
    writer.writeString(id);
  }
  writer.endFrame(start);
  return writer.copy();
}

/** Appends the command to `writer`; `passwd` has 16 bytes; its index names the session. */
export function encodeCreateSession(
  writer: JuteWriter,
  passwd: Uint8Array,
  timeoutMs: number,
  owner: number,
): void {
  assert(passwd.length === PASSWORD_BYTES, 'a password has 16 bytes');
  writer.writeByte(CommandType.createSession);
  writer.writeRaw(passwd);
  writer.writeInt(timeoutMs);
  writer.writeInt(owner);
}

/** Appends the command to `writer`; `passwd` is whatever the client sent. */
export function encodeAttachSession(
  writer: JuteWriter,
  sessionId: number,
  passwd: Uint8Array,
  timeoutMs: number,
  owner: number,
): void {
  writer.writeByte(CommandType.attachSession);
  writer.writeLong(sessionId);
  writer.writeInt(owner);
  writer.writeInt(timeoutMs);
  writer.writeRaw(passwd);
}

/** Appends the command to `writer`. */
export function encodeCloseSession(writer: JuteWriter, sessionId: number, cause: CloseCause): void {
  writer.writeByte(CommandType.closeSession);
  writer.writeLong(sessionId);
  writer.writeByte(closeCauses.indexOf(cause));
}

/**
 * Whether a hard limit of a quota stops a request, or is only reported. It is said with each
 * request, since all nodes must decide alike.
 */
export type QuotaRule = 'enforced' | 'reported';

/** Appends the command to `writer`; `body` is copied. */
export function encodeRequestCommand(
  writer: JuteWriter,
  sessionId: number,
  owner: number,
  opCode: number,
  identities: EncodedIdentities,
  body: Uint8Array,
  quotaRule: QuotaRule = 'reported',
): void {
  const { request, boundRequest } = CommandType;
  writer.writeByte(quotaRule === 'enforced' ? boundRequest : request);
  writer.writeLong(sessionId);
  writer.writeInt(owner);
  writer.writeInt(opCode);
  writer.writeRaw(identities);
  writer.writeRaw(body);
}

/**
 * Appends the command to `writer`: a container or a TTL node that may go. Whether it is still so is
 * looked at again when the command is applied, by the time of the entry. A container that never had
 * children goes after `neverUsedMsMax`; 0: never.
 */
export function encodeDeleteMortal(writer: JuteWriter, path: string, neverUsedMsMax: number): void {
  writer.writeByte(CommandType.deleteMortal);
  writer.writeLong(neverUsedMsMax);
  writer.writeString(path);
}

/** undefined for a byte that names no cause. */
export function readCloseCause(reader: JuteReader): CloseCause | undefined {
  return closeCauses[reader.readByte()];
}
