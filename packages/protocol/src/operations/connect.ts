import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/**
 * The first frame of a connection, without a request header.
 *
 *   class ConnectRequest { int protocolVersion; long lastZxidSeen; int timeOut; long sessionId;
 *     buffer passwd; boolean readOnly; }
 *
 * Clients before 3.4 end after the password: 44 bytes with a password of 16, 45 with the flag.
 */
export interface ConnectRequest {
  readonly protocolVersion: number;
  readonly lastZxidSeen: number;
  readonly timeoutMs: number;
  /** 0 asks for a new session. Another server's, beyond 2^53, reads as the nearest number. */
  readonly sessionId: number;
  readonly passwd: Uint8Array | null;
  /** undefined: the short form, which the response must take too. */
  readonly readOnly: boolean | undefined;
}

export function readConnectRequest(reader: JuteReader): ConnectRequest {
  return {
    protocolVersion: reader.readInt(),
    lastZxidSeen: reader.readLong(),
    timeoutMs: reader.readInt(),
    sessionId: reader.readLong(),
    passwd: reader.readBuffer(),
    readOnly: reader.remaining > 0 ? reader.readBool() : undefined,
  };
}

export function writeConnectRequest(writer: JuteWriter, request: ConnectRequest): void {
  writer.writeInt(request.protocolVersion);
  writer.writeLong(request.lastZxidSeen);
  writer.writeInt(request.timeoutMs);
  writer.writeLong(request.sessionId);
  writer.writeBuffer(request.passwd);
  if (request.readOnly !== undefined) writer.writeBool(request.readOnly);
}

/**
 * The server's first frame, without a reply header. A session that is gone is answered with
 * timeoutMs 0 and sessionId 0.
 *
 *   class ConnectResponse { int protocolVersion; int timeOut; long sessionId; buffer passwd;
 *     boolean readOnly; }
 */
export interface ConnectResponse {
  readonly protocolVersion: number;
  readonly timeoutMs: number;
  readonly sessionId: number;
  readonly passwd: Uint8Array | null;
  /** undefined: the short form. */
  readonly readOnly: boolean | undefined;
}

export function readConnectResponse(reader: JuteReader): ConnectResponse {
  return {
    protocolVersion: reader.readInt(),
    timeoutMs: reader.readInt(),
    sessionId: reader.readLong(),
    passwd: reader.readBuffer(),
    readOnly: reader.remaining > 0 ? reader.readBool() : undefined,
  };
}

export function writeConnectResponse(writer: JuteWriter, response: ConnectResponse): void {
  writer.writeInt(response.protocolVersion);
  writer.writeInt(response.timeoutMs);
  writer.writeLong(response.sessionId);
  writer.writeBuffer(response.passwd);
  if (response.readOnly !== undefined) writer.writeBool(response.readOnly);
}
