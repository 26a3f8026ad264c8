/**
 * As much of ZooKeeper's wire protocol as a load needs. Every request of a load is made once and
 * then sent again and again with another xid, so that the load program takes as little as possible
 * of a machine that it shares with the servers.
 *
 * A frame is a length (int32, big endian, of what follows), then for a request: xid, op code,
 * record.
 */

const OP = {
  create: 1,
  delete: 2,
  getData: 4,
  setData: 5,
  sync: 9,
  closeSession: -11,
} as const;

export const ERROR_CODE = { ok: 0, noNode: -101, nodeExists: -110, notEmpty: -111 } as const;

/**
 * Length, xid, zxid and error of a reply; the first 20 bytes of the answer to a connect request
 * too.
 */
export const REPLY_HEADER_BYTES = 20;
/** What every answer to a set or a get has at its end. */
export const STAT_BYTES = 68;
const XID_OFFSET = 4;
const PERMISSIONS_ALL = 31;
const ANY_VERSION = -1;

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function bytesField(bytes: Buffer): Buffer {
  return Buffer.concat([int32(bytes.length), bytes]);
}

function stringField(text: string): Buffer {
  return bytesField(Buffer.from(text, 'utf8'));
}

function frame(...fields: readonly Buffer[]): Buffer {
  return bytesField(Buffer.concat(fields));
}

function request(opCode: number, ...record: readonly Buffer[]): Buffer {
  return frame(int32(0), int32(opCode), ...record);
}

/** Asks for a new session; the form of ZooKeeper 3.4 and newer, with the read-only flag. */
export function encodeConnect(timeoutMs: number): Buffer {
  const protocolVersion = int32(0);
  const lastZxidSeen = Buffer.alloc(8);
  const noSession = Buffer.alloc(8);
  const noPassword = bytesField(Buffer.alloc(16));
  const notReadOnly = Buffer.alloc(1);
  return frame(protocolVersion, lastZxidSeen, int32(timeoutMs), noSession, noPassword, notReadOnly);
}

/** A persistent znode that anybody may do anything with. */
export function encodeCreate(path: string, data: Buffer): Buffer {
  const openAcl = [int32(1), int32(PERMISSIONS_ALL), stringField('world'), stringField('anyone')];
  const persistent = int32(0);
  return request(OP.create, stringField(path), bytesField(data), ...openAcl, persistent);
}

export function encodeDelete(path: string): Buffer {
  return request(OP.delete, stringField(path), int32(ANY_VERSION));
}

export function encodeGetData(path: string): Buffer {
  const noWatch = Buffer.alloc(1);
  return request(OP.getData, stringField(path), noWatch);
}

export function encodeSetData(path: string, data: Buffer): Buffer {
  return request(OP.setData, stringField(path), bytesField(data), int32(ANY_VERSION));
}

export function encodeSync(path: string): Buffer {
  return request(OP.sync, stringField(path));
}

export function encodeCloseSession(): Buffer {
  return request(OP.closeSession);
}

/** Puts a request into `target` at `offset` with its xid; returns the offset behind it. */
export function writeRequest(target: Buffer, offset: number, frame: Buffer, xid: number): number {
  target.set(frame, offset);
  target.writeInt32BE(xid, offset + XID_OFFSET);
  return offset + frame.length;
}
