import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/**
 * Both ways the same: what the SASL mechanism wants to say. The first one of a client may be empty.
 *
 *   class GetSASLRequest { buffer token; }
 *   class SetSASLResponse { buffer token; }
 */
export interface SaslToken {
  readonly token: Uint8Array | null;
}

/** `token` is a view of the reader's bytes. */
export function readSaslToken(reader: JuteReader): SaslToken {
  return { token: reader.readBuffer() };
}

export function writeSaslToken(writer: JuteWriter, { token }: SaslToken): void {
  writer.writeBuffer(token);
}
