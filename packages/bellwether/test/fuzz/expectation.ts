import {
  JuteReader,
  OpCode,
  readConnectRequest,
  SpecialXid,
  type ConnectRequest,
} from '@bellwether/protocol';

const FRAME_BYTES_MAX = 0xf_ffff;
const GREETING_BYTES_MAX = 4 * 1024;
const HEADER_BYTES = 8;
/** Watch events have it, so a reply that has it too can't be told from them. */
const EVENT_XID = -1;

/** Requests after which a server may hang up. */
const ENDING: ReadonlySet<number> = new Set([OpCode.closeSession, OpCode.auth, OpCode.sasl]);
/** Answered before their turn. */
const OUT_OF_TURN: ReadonlySet<number> = new Set([OpCode.ping, OpCode.auth, OpCode.sasl]);
const KNOWN: ReadonlySet<number> = new Set(
  Object.values(OpCode).filter(
    (code) =>
      code !== OpCode.notification &&
      code !== OpCode.error &&
      code !== OpCode.createSession &&
      code !== OpCode.deleteContainer,
  ),
);

/** What a server owes to who sends it such a stream. */
export interface Expectation {
  /** Frames that come whole, the first one included. */
  readonly frames: number;
  /** The first frame: undefined when it can't be read as one. */
  readonly greeting: ConnectRequest | undefined;
  /** xids in the order in which they are to be answered. */
  readonly inTurn: readonly number[];
  /** xids that may be answered sooner. */
  readonly outOfTurn: readonly number[];
  /** Something in the stream is a reason to hang up. */
  readonly mayEnd: boolean;
}

/** Reads the stream as a server would. */
export function expectationOf(stream: Buffer): Expectation {
  const { frames, isBroken } = framesOf(stream);
  const greeting = greetingOf(frames[0]);
  let mayEnd = isBroken || greeting === undefined || isRefusable(greeting);
  const inTurn: number[] = [];
  const outOfTurn: number[] = [];
  for (const frame of greeting === undefined ? [] : frames.slice(1)) {
    if (frame.length < HEADER_BYTES) {
      mayEnd = true;
      break;
    }
    const xid = frame.readInt32BE(0);
    const opCode = frame.readInt32BE(4);
    if (ENDING.has(opCode) || !KNOWN.has(opCode)) mayEnd = true;
    // A ping is answered under the number of pings.
    if (opCode === OpCode.ping) outOfTurn.push(SpecialXid.ping);
    else if (xid !== EVENT_XID) (OUT_OF_TURN.has(opCode) ? outOfTurn : inTurn).push(xid);
  }
  return { frames: frames.length, greeting, inTurn, outOfTurn, mayEnd };
}

function framesOf(stream: Buffer): { frames: Buffer[]; isBroken: boolean } {
  const frames: Buffer[] = [];
  for (let at = 0; at + 4 <= stream.length;) {
    const length = stream.readInt32BE(at);
    const bytesMax = frames.length === 0 ? GREETING_BYTES_MAX : FRAME_BYTES_MAX;
    if (length < 0 || length > bytesMax) return { frames, isBroken: true };
    if (at + 4 + length > stream.length) break;
    frames.push(stream.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return { frames, isBroken: false };
}

function greetingOf(frame: Buffer | undefined): ConnectRequest | undefined {
  if (frame === undefined) return undefined;
  try {
    return readConnectRequest(new JuteReader(frame));
  } catch {
    return undefined;
  }
}

/** A session that may be gone, or a client that has seen more than there is. */
function isRefusable({ sessionId, lastZxidSeen }: ConnectRequest): boolean {
  return sessionId !== 0 || lastZxidSeen > 0;
}
