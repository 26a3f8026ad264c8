import { JuteWriter, type JuteReader } from '@bellwether/protocol';

const NO_PASSWORD = new Uint8Array(16);

/** What a session is known by. ZooKeeper's ids have 64 bits, so they are kept as they come. */
export interface SessionKey {
  readonly idHigh: number;
  /** Unsigned. */
  readonly idLow: number;
  readonly password: Uint8Array;
}

/** Asks for a new session. */
export const NO_SESSION: SessionKey = { idHigh: 0, idLow: 0, password: NO_PASSWORD };

/** The first frame of a connection, as ConnectRequest of the protocol has it. */
export interface HandshakeRequest {
  readonly lastZxidSeen: number;
  readonly timeoutMs: number;
  readonly key: SessionKey;
  readonly readOnly: boolean;
}

/** The server's answer. */
export interface HandshakeResponse {
  /** 0: the session is gone. */
  readonly timeoutMs: number;
  readonly key: SessionKey;
  /** The server has no quorum and only answers reads. */
  readonly readOnly: boolean;
}

/** A frame, with the length before it. */
export function encodeHandshake(request: HandshakeRequest): Uint8Array {
  const writer = new JuteWriter(64);
  const start = writer.beginFrame();
  writer.writeInt(0);
  writer.writeLong(request.lastZxidSeen);
  writer.writeInt(request.timeoutMs);
  writer.writeInt(request.key.idHigh);
  writer.writeInt(request.key.idLow);
  writer.writeBuffer(request.key.password);
  writer.writeBool(request.readOnly);
  writer.endFrame(start);
  return writer.copy();
}

/** Servers before 3.4 leave the last field out. */
export function readHandshake(reader: JuteReader): HandshakeResponse {
  reader.readInt();
  const timeoutMs = reader.readInt();
  const idHigh = reader.readInt();
  const idLow = reader.readInt() >>> 0;
  const password = reader.readBuffer()?.slice() ?? NO_PASSWORD;
  const readOnly = reader.remaining > 0 && reader.readBool();
  return { timeoutMs, key: { idHigh, idLow, password }, readOnly };
}

/** As ZooKeeper's logs show it: `0x100006d6d5e0000`. */
export function formatSessionId({ idHigh, idLow }: SessionKey): string {
  const id = (BigInt(idHigh >>> 0) << 32n) | BigInt(idLow);
  return `0x${id.toString(16)}`;
}
