import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/**
 * Sent with xid SpecialXid.auth. The reply is a header alone.
 *
 *   class AuthPacket { int type; ustring scheme; buffer auth; }
 */
export interface AuthRequest {
  /** Always 0. */
  readonly type: number;
  readonly scheme: string;
  /** In scheme digest: user:password. */
  readonly auth: Uint8Array | null;
}

/** `auth` is a view of the reader's bytes. */
export function readAuthRequest(reader: JuteReader): AuthRequest {
  const type = reader.readInt();
  const scheme = reader.readPresentString();
  return { type, scheme, auth: reader.readBuffer() };
}

export function writeAuthRequest(writer: JuteWriter, request: AuthRequest): void {
  writer.writeInt(request.type);
  writer.writeString(request.scheme);
  writer.writeBuffer(request.auth);
}
