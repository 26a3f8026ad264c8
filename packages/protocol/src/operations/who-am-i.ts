import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/**
 * One of the identities of a session; the request is a header alone.
 *
 *   class ClientInfo { ustring authScheme; ustring user; }
 */
export interface ClientInfo {
  readonly authScheme: string;
  /** Without what proves it: of `user:hash` the user. */
  readonly user: string;
}

const CLIENT_INFO_BYTES_MIN = 8;

/** class WhoAmIResponse { vector<ClientInfo> clientInfo; } */
export interface WhoAmIResponse {
  readonly clientInfo: readonly ClientInfo[];
}

export function readWhoAmIResponse(reader: JuteReader): WhoAmIResponse {
  const count = reader.readVectorLength(CLIENT_INFO_BYTES_MIN);
  const clientInfo: ClientInfo[] = [];
  for (let i = 0; i < count; i++) {
    const authScheme = reader.readPresentString();
    clientInfo.push({ authScheme, user: reader.readPresentString() });
  }
  return { clientInfo };
}

export function writeWhoAmIResponse(writer: JuteWriter, clientInfo: readonly ClientInfo[]): void {
  writer.writeInt(clientInfo.length);
  for (const { authScheme, user } of clientInfo) {
    writer.writeString(authScheme);
    writer.writeString(user);
  }
}
