import { JuteWriter, OpCode, SpecialXid, writeReconfigRequest } from '@bellwether/protocol';
import type {
  Acls,
  AskedAcl,
  Damage,
  Data,
  PartStep,
  Path,
  Request,
  SetWatchesStep,
} from './steps.ts';

/** What differs between the two systems, or is known only when a step is run. */
export interface Resolver {
  path(path: Path): string | null;
  /** The zxid of the change that is so many changes ago. */
  zxid(back: number): number;
}

/** What ends the parts of a multi. */
const END_OF_MULTI = -1;
const FILLING = 0x78;
const LONG_BYTES = 8;

/** The whole frame of a request, its length included. */
export function encodeRequest(request: Request, xid: number, resolver: Resolver): Uint8Array {
  const writer = new JuteWriter();
  if (request.op === 'length') {
    writer.writeInt(request.length);
    return writer.copy();
  }
  const start = writer.beginFrame();
  if (request.op === 'frame') {
    writer.writeRaw(Buffer.from(request.hex, 'hex'));
  } else {
    writer.writeInt(xid);
    writer.writeInt(opCodeOf(request));
    writer.writeRaw(encodeBody(request, resolver));
  }
  writer.endFrame(start);
  return writer.copy();
}

/** What stands in the header of the request; 0 where there is none. */
export function opCodeOf(request: Request): number {
  if (request.op === 'other') return request.opCode;
  if ('request' in request) return opCodeOf(request.request);
  if (request.op === 'frame' || request.op === 'length') return 0;
  return OpCode[request.op];
}

/** The xid under which it is sent, where that is not a count. */
export function specialXidOf(request: Request): number | undefined {
  switch (request.op) {
    case 'ping':
      return SpecialXid.ping;
    case 'auth':
      return SpecialXid.auth;
    case 'setWatches':
    case 'setWatches2':
      return SpecialXid.setWatches;
    case 'withXid':
      return request.xid;
    case 'damaged':
      return specialXidOf(request.request);
    default:
      return undefined;
  }
}

function encodeBody(request: Request, resolver: Resolver): Uint8Array {
  if (request.op === 'other') return Buffer.from(request.hex, 'hex');
  if (request.op === 'damaged') {
    const { request: whole, damage: how } = request;
    return damage(encodeBody(whole, resolver), how, zxidBytesOf(whole));
  }
  if (request.op === 'withXid') return encodeBody(request.request, resolver);
  const writer = new JuteWriter();
  writeBody(writer, request, resolver);
  return writer.copy();
}

/**
 * Bytes at the beginning that hold a zxid. The systems have different ones for the same change, so
 * a bit that is flipped in them would make one later and the other earlier.
 */
function zxidBytesOf(request: Request): number {
  return request.op === 'setWatches' || request.op === 'setWatches2' ? LONG_BYTES : 0;
}

function damage(body: Uint8Array, how: Damage, spared: number): Uint8Array {
  switch (how.kind) {
    case 'cut':
      return body.subarray(0, Math.max(0, body.length - how.bytes));
    case 'extend':
      return Buffer.concat([body, Buffer.from(how.hex, 'hex')]);
    case 'flip': {
      const flipped = body.slice();
      if (body.length > spared) flipped[spared + (how.at % (body.length - spared))]! ^= how.mask;
      return flipped;
    }
    default:
      return how satisfies never;
  }
}

function writeBody(writer: JuteWriter, request: Request, resolver: Resolver): void {
  switch (request.op) {
    case 'getACL':
    case 'sync':
    case 'getAllChildrenNumber':
    case 'getEphemerals':
      return writer.writeString(resolver.path(request.path));
    case 'setACL':
      writer.writeString(resolver.path(request.path));
      writeAcls(writer, request.acls);
      return writer.writeInt(request.version);
    case 'multi':
    case 'multiRead':
      return writeParts(writer, request.parts, resolver);
    case 'auth':
      writer.writeInt(0);
      writer.writeString(request.scheme);
      return writer.writeBuffer(bytesOf(request.auth));
    case 'addWatch':
      writer.writeString(resolver.path(request.path));
      return writer.writeInt(request.mode);
    case 'checkWatches':
    case 'removeWatches':
      writer.writeString(resolver.path(request.path));
      return writer.writeInt(request.type);
    case 'setWatches':
    case 'setWatches2':
      return writeSetWatches(writer, request, resolver);
    case 'reconfig':
      return writeReconfigRequest(writer, {
        joiningServers: request.joining,
        leavingServers: request.leaving,
        newMembers: request.members,
        curConfigId: request.version,
      });
    case 'ping':
    case 'closeSession':
    case 'whoAmI':
    case 'other':
    case 'damaged':
    case 'withXid':
    case 'frame':
    case 'length':
      return;
    default:
      return writePart(writer, request, resolver);
  }
}

function writePart(writer: JuteWriter, part: PartStep, resolver: Resolver): void {
  writer.writeString(resolver.path(part.path));
  switch (part.op) {
    case 'delete':
    case 'check':
      return writer.writeInt(part.version);
    case 'setData':
      writer.writeBuffer(bytesOf(part.data));
      return writer.writeInt(part.version);
    case 'exists':
    case 'getData':
    case 'getChildren':
    case 'getChildren2':
      return writer.writeBool(part.watch);
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      writer.writeBuffer(bytesOf(part.data));
      writeAcls(writer, part.acls);
      writer.writeInt(part.flags);
      if (part.op === 'createTTL') writer.writeLong(part.ttlMs ?? 0);
      return;
    default:
      part satisfies never;
  }
}

function writeParts(writer: JuteWriter, parts: readonly PartStep[], resolver: Resolver): void {
  for (const part of parts) {
    writer.writeInt(OpCode[part.op]);
    writer.writeBool(false);
    writer.writeInt(-1);
    writePart(writer, part, resolver);
  }
  writer.writeInt(END_OF_MULTI);
  writer.writeBool(true);
  writer.writeInt(-1);
}

function writeSetWatches(writer: JuteWriter, step: SetWatchesStep, resolver: Resolver): void {
  writer.writeLong(resolver.zxid(step.back));
  writer.writeStrings(step.data);
  writer.writeStrings(step.exist);
  writer.writeStrings(step.child);
  if (step.op === 'setWatches') return;
  writer.writeStrings(step.persistent);
  writer.writeStrings(step.recursive);
}

function writeAcls(writer: JuteWriter, acls: Acls): void {
  writer.writeInt(acls === null ? -1 : acls.length);
  acls?.forEach((acl) => writeAcl(writer, acl));
}

function writeAcl(writer: JuteWriter, acl: AskedAcl): void {
  writer.writeInt(acl.perms);
  writer.writeString(acl.scheme);
  writer.writeString(acl.id);
}

function bytesOf(data: Data): Uint8Array | null {
  if (data === null) return null;
  return typeof data === 'string' ? Buffer.from(data) : Buffer.alloc(data.bytes, FILLING);
}
