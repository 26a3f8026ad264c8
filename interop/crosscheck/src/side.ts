import { JuteWriter, PASSWORD_BYTES, SpecialXid } from '@bellwether/protocol';
import { decodeEvent, xidOf, type WatchEvent } from './decode.ts';
import { FieldReader, type Field } from './fields.ts';
import { ANSWER_TIMEOUT_MS } from './limits.ts';
import type { Greeting } from './steps.ts';
import { Wire } from './wire.ts';

/** What came of a request: its answer, or the end of the connection, or nothing at all. */
export interface Outcome {
  /** Watch events that came before it. */
  readonly events: readonly WatchEvent[];
  readonly kind: 'reply' | 'closed' | 'silent';
  /** Of a reply. */
  readonly frame: Buffer | undefined;
}

/** How a connect request was answered. */
export interface Welcome {
  readonly kind: 'opened' | 'refused' | 'closed' | 'silent';
  readonly fields: readonly Field[];
}

const NO_SESSION = '0000000000000000';
const UNKNOWN_SESSION = '0000123456789abc';
/** More changes than any test makes; a safe integer still. */
const FUTURE_ZXID = 0x7fff_ffff_ffff;

/** One session as one of the two systems has it. */
export class Side {
  readonly hosts: readonly string[];
  /** Eight bytes as hexadecimal digits. */
  sessionId = NO_SESSION;
  #passwd: Uint8Array = new Uint8Array(PASSWORD_BYTES);
  #lastZxid = 0;
  #wire: Wire | undefined;

  constructor(hosts: readonly string[]) {
    this.hosts = hosts;
  }

  get isOpen(): boolean {
    return this.#wire !== undefined;
  }

  get hasSession(): boolean {
    return this.sessionId !== NO_SESSION;
  }

  /** The session is over, at the server's side too. */
  forget(): void {
    this.sessionId = NO_SESSION;
    this.drop();
  }

  /** Cuts the connection. */
  drop(): void {
    this.#wire?.destroy();
    this.#wire = undefined;
  }

  /** Its connection, which is somebody else's from here on: the session has none then. */
  release(): Wire | undefined {
    const wire = this.#wire;
    this.#wire = undefined;
    return wire;
  }

  /** Opens a new connection; one that was open is cut first. */
  async connect(server: number, greeting: Greeting): Promise<Welcome> {
    this.drop();
    const wire = new Wire(this.hosts[server % this.hosts.length]!);
    wire.send(this.#encodeGreeting(greeting));
    const arrival = await wire.next(ANSWER_TIMEOUT_MS);
    if (arrival.kind !== 'frame') {
      wire.destroy();
      return { kind: arrival.kind, fields: [] };
    }
    const welcome = this.#readWelcome(arrival.frame);
    if (welcome.kind === 'opened') this.#wire = wire;
    else wire.destroy();
    return welcome;
  }

  send(bytes: Uint8Array): void {
    this.#wire?.send(bytes);
  }

  /** Resolves with the next answer, and the events before it. */
  async receive(): Promise<Outcome> {
    const outcome = await receiveFrom(this.#wire, (frame) => this.#see(frame));
    if (outcome.kind === 'closed') this.drop();
    return outcome;
  }

  #see(frame: Buffer): void {
    const zxid = Number(frame.readBigInt64BE(4));
    if (zxid > 0) this.#lastZxid = Math.max(zxid, this.#lastZxid);
  }

  #encodeGreeting(greeting: Greeting): Uint8Array {
    const isNew = greeting.credentials === 'new';
    const isUnknown = greeting.credentials === 'unknownSession';
    const sessionId = isNew ? NO_SESSION : isUnknown ? UNKNOWN_SESSION : this.sessionId;
    const writer = new JuteWriter();
    const start = writer.beginFrame();
    writer.writeInt(0);
    writer.writeLong(this.#zxidFor(greeting));
    writer.writeInt(greeting.timeoutMs);
    writer.writeRaw(Buffer.from(sessionId, 'hex'));
    writer.writeBuffer(this.#passwordFor(greeting));
    if (greeting.form === 'long') writer.writeBool(greeting.readOnly ?? false);
    writer.truncate(writer.length - (greeting.cutBytes ?? 0));
    writer.endFrame(start);
    return writer.copy();
  }

  #passwordFor({ credentials }: Greeting): Uint8Array | null {
    const own = this.#passwd.slice();
    switch (credentials) {
      case 'new':
        return new Uint8Array(PASSWORD_BYTES);
      case 'wrongPassword':
        own[0]! ^= 1;
        return own;
      case 'shortPassword':
        return own.subarray(1);
      case 'noPassword':
        return null;
      default:
        return own;
    }
  }

  #zxidFor(greeting: Greeting): number {
    if (greeting.lastZxid === 'future') return FUTURE_ZXID;
    return greeting.lastZxid === 'zero' ? 0 : this.#lastZxid;
  }

  #readWelcome(frame: Buffer): Welcome {
    const body = new FieldReader(frame);
    let passwd: Uint8Array = new Uint8Array(0);
    let sessionId = NO_SESSION;
    body.attempt(() => {
      body.int('protocolVersion');
      body.int('timeout');
      sessionId = body.session('sessionId');
      passwd = body.secret('passwd');
      if (body.remaining > 0) body.byte('readOnly');
    });
    if (sessionId === NO_SESSION) return { kind: 'refused', fields: body.fields };
    this.sessionId = sessionId;
    this.#passwd = passwd;
    return { kind: 'opened', fields: body.fields };
  }
}

/** The next answer, and the events before it; every frame goes to `see` first. */
export async function receiveFrom(
  wire: Wire | undefined,
  see: (frame: Buffer) => void = () => undefined,
): Promise<Outcome> {
  const events: WatchEvent[] = [];
  for (;;) {
    const arrival = (await wire?.next(ANSWER_TIMEOUT_MS)) ?? { kind: 'closed' as const };
    if (arrival.kind !== 'frame') return { events, kind: arrival.kind, frame: undefined };
    const { frame } = arrival;
    see(frame);
    if (xidOf(frame) !== SpecialXid.event) return { events, kind: 'reply', frame };
    events.push(decodeEvent(frame));
  }
}
