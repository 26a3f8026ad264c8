import {
  JuteWriter,
  OpCode,
  writeAuthRequest,
  writeConnectRequest,
  writeMultiReadRequest,
  writeMultiRequest,
  writeSetWatchesRequest,
} from '@bellwether/protocol';
import { FOUR_LETTER_WORDS } from '../../src/server/four-letter-words.ts';
import { mutate } from './mutations.ts';
import type { Random } from './random.ts';
import { REQUESTS, sampleOf } from './samples.ts';

const REQUESTS_MAX = 60;
const LYING_LENGTHS = [-1, 0, 3, 7, 8, 0xf_ffff, 0x10_0000, 0x7fff_ffff, -0x8000_0000, 0x7275_6f6b];
const PASSWORD_BYTES = 16;
/** Where a server has one. */
export const SUPER_USER = 'super:test';

/** A session that an earlier connection has left. */
export interface LeftSession {
  readonly sessionId: number;
  readonly password: Uint8Array;
}

/** Everything that one connection sends, and how it ends. */
export interface Script {
  readonly bytes: Buffer;
  /** Where the stream is cut into writes. */
  readonly cuts: readonly number[];
  /** wait: after all replies. leave: at once, what was not answered is lost. */
  readonly ending: 'wait' | 'leave' | 'reset';
}

/** Whatever a client may send that is broken, malicious, or neither. */
export function scriptOf(random: Random, left: LeftSession | undefined): Script {
  const parts: Uint8Array[] = [];
  if (!random.oneIn(25)) parts.push(firstPart(random, left));
  const requests = random.below(random.oneIn(3) ? REQUESTS_MAX : 12);
  for (let i = 1; i <= requests; i++) parts.push(requestPart(random, i));
  if (random.oneIn(6)) parts.push(request(OpCode.closeSession, requests + 1));
  if (random.oneIn(10)) parts.push(requestPart(random, requests + 2));
  const stream = Buffer.concat(parts);
  const bytes = random.oneIn(15) ? Buffer.from(mutate(stream, random, stream)) : stream;
  return {
    bytes,
    cuts: Array.from({ length: random.oneIn(3) ? random.below(4) : 0 }, () =>
      random.below(bytes.length + 1),
    ).sort((a, b) => a - b),
    ending: random.oneIn(5) ? random.pick(['leave', 'reset']) : 'wait',
  };
}

function firstPart(random: Random, left: LeftSession | undefined): Uint8Array {
  if (random.oneIn(40)) return Buffer.from(random.pick(FOUR_LETTER_WORDS));
  if (random.oneIn(60)) return random.bytes(random.below(80));
  const connect = connectBody(random, left);
  if (!random.oneIn(20)) return framed(connect);
  return framed(mutate(connect, random, sampleOf(random).body));
}

function connectBody(random: Random, left: LeftSession | undefined): Uint8Array {
  const writer = new JuteWriter(64);
  writeConnectRequest(writer, {
    protocolVersion: 0,
    lastZxidSeen: random.oneIn(50) ? 2 ** 40 : 0,
    timeoutMs: random.pick([0, -1, 4_000, 10_000, 0x7fff_ffff]),
    sessionId: left?.sessionId ?? 0,
    passwd: left?.password ?? new Uint8Array(PASSWORD_BYTES),
    readOnly: random.pick([true, false, undefined]),
  });
  return writer.copy();
}

function requestPart(random: Random, xid: number): Uint8Array {
  if (random.oneIn(200)) return lyingFrame(random, xid);
  if (random.oneIn(250)) return framed(connectBody(random, undefined));
  if (random.oneIn(60)) return request(OpCode.auth, -4, authBody(random));
  if (random.oneIn(300)) return crowdedRequest(random, xid);
  const { opCode, body } = sampleOf(random);
  const sent = random.oneIn(2) ? body : mutate(body, random, sampleOf(random).body);
  const asOpCode = random.oneIn(12) ? random.pick(REQUESTS).opCode : opCode;
  const whole = request(asOpCode, asOpCode === OpCode.ping ? -2 : xid, sent);
  if (!random.oneIn(120)) return whole;
  return framed(mutate(whole.subarray(4), random, sampleOf(random).body));
}

/** The length in front is not that of what follows. */
function lyingFrame(random: Random, xid: number): Uint8Array {
  const { opCode, body } = sampleOf(random);
  const frame = Buffer.from(request(opCode, xid, body));
  frame.writeInt32BE(random.pick(LYING_LENGTHS), 0);
  return frame;
}

/** Often a name that nobody has had: a connection takes only so many. */
function authBody(random: Random): Uint8Array {
  const scheme = random.oneIn(10)
    ? random.pick(['world', 'nonsense'])
    : random.pick(['digest', 'ip']);
  const isSuper = random.oneIn(20);
  const auth = Buffer.from(isSuper ? SUPER_USER : `user${random.below(400)}:password`);
  return bodyOf((writer) => writeAuthRequest(writer, { type: 0, scheme, auth }));
}

/** Thousands of parts in one request. */
function crowdedRequest(random: Random, xid: number): Uint8Array {
  const length = 1 + random.below(3_000);
  const paths = Array.from({ length }, (_, i) => (i % 7 === 0 ? `/a/${i}` : '/a'));
  switch (random.below(3)) {
    case 0: {
      const parts = paths.map((path) => ({
        opCode: OpCode.check,
        request: { path, version: random.oneIn(500) ? 3 : -1 },
      }));
      return request(
        OpCode.multi,
        xid,
        bodyOf((writer) => writeMultiRequest(writer, parts)),
      );
    }
    case 1: {
      const parts = paths.map((path) => ({ opCode: OpCode.getData, path }));
      return request(
        OpCode.multiRead,
        xid,
        bodyOf((writer) => writeMultiReadRequest(writer, parts)),
      );
    }
    default: {
      const watches = { dataWatches: paths, existWatches: paths, childWatches: paths };
      const body = bodyOf((writer) =>
        writeSetWatchesRequest(writer, { relativeZxid: 0, ...watches }),
      );
      return request(OpCode.setWatches, -8, body);
    }
  }
}

function bodyOf(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  write(writer);
  return writer.copy();
}

function request(opCode: number, xid: number, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const header = Buffer.alloc(8);
  header.writeInt32BE(xid, 0);
  header.writeInt32BE(opCode, 4);
  return framed(Buffer.concat([header, body]));
}

function framed(content: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length);
  return Buffer.concat([length, content]);
}
