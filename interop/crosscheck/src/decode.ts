import { OpCode } from '@bellwether/protocol';
import { FieldReader, type Field } from './fields.ts';

/** The header and, taken apart, what stands behind it. */
export interface Reply {
  readonly xid: number;
  readonly zxid: number;
  readonly error: number;
  readonly fields: readonly Field[];
}

/** What a watcher is told. */
export interface WatchEvent {
  readonly zxid: number;
  readonly type: number;
  readonly state: number;
  readonly path: string;
}

const HEADER_BYTES = 16;

/** The xid of any frame but the answer to a connect request. */
export function xidOf(frame: Buffer): number {
  return frame.length < HEADER_BYTES ? 0 : frame.readInt32BE(0);
}

/** Takes apart the answer to a request with this op code. */
export function decodeReply(frame: Buffer, opCode: number): Reply {
  const body = new FieldReader(frame.subarray(HEADER_BYTES));
  const error = frame.readInt32BE(12);
  body.attempt(() => {
    if (error === 0) readBody(body, opCode);
  });
  const zxid = Number(frame.readBigInt64BE(4));
  return { xid: xidOf(frame), zxid, error, fields: body.fields };
}

export function decodeEvent(frame: Buffer): WatchEvent {
  const body = new FieldReader(frame.subarray(HEADER_BYTES));
  const zxid = Number(frame.readBigInt64BE(4));
  return { zxid, type: body.int('type'), state: body.int('state'), path: body.text('path') };
}

function readBody(body: FieldReader, opCode: number): void {
  switch (opCode) {
    case OpCode.create:
    case OpCode.sync:
      body.text('path');
      return;
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      body.text('path');
      return body.stat('stat');
    case OpCode.exists:
    case OpCode.setData:
    case OpCode.setACL:
      return body.stat('stat');
    case OpCode.getData:
    case OpCode.reconfig:
      body.data('data');
      return body.stat('stat');
    case OpCode.getChildren:
    case OpCode.getEphemerals:
      return body.names('names');
    case OpCode.getChildren2:
      body.names('names');
      return body.stat('stat');
    case OpCode.getACL:
      readAcls(body);
      return body.stat('stat');
    case OpCode.multi:
    case OpCode.multiRead:
      return readResults(body);
    case OpCode.whoAmI:
      return readIdentities(body);
    case OpCode.getAllChildrenNumber:
      body.int('count');
      return;
    default:
      // The rest of them answer with a header alone; what stands behind it is compared as bytes.
      return;
  }
}

function readAcls(body: FieldReader): void {
  const count = body.int('acls');
  for (let i = 0; i < count; i += 1) {
    body.int(`acl${i}.perms`);
    body.text(`acl${i}.scheme`);
    body.text(`acl${i}.id`);
  }
}

function readIdentities(body: FieldReader): void {
  const count = body.int('identities');
  for (let i = 0; i < count; i += 1) {
    body.text(`identity${i}.scheme`);
    body.text(`identity${i}.user`);
  }
}

function readResults(body: FieldReader): void {
  for (let i = 0; ; i += 1) {
    const type = body.int(`part${i}.type`);
    const done = body.byte(`part${i}.done`);
    body.int(`part${i}.error`);
    if (done !== 0) return;
    if (type === OpCode.error) body.int(`part${i}.code`);
    else readBody(body, type);
  }
}
