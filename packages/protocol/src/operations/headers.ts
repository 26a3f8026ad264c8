import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/**
 * Before every request but the connect request. Ping, closeSession and whoAmI are a header alone.
 *
 *   class RequestHeader { int xid; int type; }
 */
export interface RequestHeader {
  /** The client's count of its requests, or a SpecialXid. */
  readonly xid: number;
  /** Usually an OpCode; whatever the client sent. */
  readonly opCode: number;
}

export function readRequestHeader(reader: JuteReader): RequestHeader {
  const xid = reader.readInt();
  return { xid, opCode: reader.readInt() };
}

export function writeRequestHeader(writer: JuteWriter, xid: number, opCode: number): void {
  writer.writeInt(xid);
  writer.writeInt(opCode);
}

/**
 * Before every reply but the connect response. With an error nothing follows.
 *
 *   class ReplyHeader { int xid; long zxid; int err; }
 */
export interface ReplyHeader {
  readonly xid: number;
  readonly zxid: number;
  /** Usually an ErrorCode; whatever the server sent. */
  readonly error: number;
}

export function readReplyHeader(reader: JuteReader): ReplyHeader {
  const xid = reader.readInt();
  const zxid = reader.readLong();
  return { xid, zxid, error: reader.readInt() };
}

export function writeReplyHeader(
  writer: JuteWriter,
  xid: number,
  zxid: number,
  error: number,
): void {
  writer.writeInt(xid);
  writer.writeLong(zxid);
  writer.writeInt(error);
}
