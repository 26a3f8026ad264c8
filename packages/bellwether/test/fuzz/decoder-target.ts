import {
  Coordinator,
  encodeAttachSession,
  encodeCloseSession,
  encodeCreateSession,
  encodeDeleteMortal,
  encodeIdentities,
  encodeRequestCommand,
  writeOutcomeReply,
  type Outcome,
} from '@bellwether/coordination';
import {
  ErrorCode,
  JuteReader,
  JuteWriter,
  ProtocolError,
  errorCodeName,
} from '@bellwether/protocol';
import {
  CONNECT_REQUEST,
  CONNECT_RESPONSE,
  EVENT_CODEC,
  REQUEST_CODECS,
  RESPONSE_CODECS,
  type RecordCodec,
} from '../support/wire-codecs.ts';
import { count, FuzzFailure, type Counts } from './fuzz-failure.ts';
import { mutate } from './mutations.ts';
import type { Random } from './random.ts';
import { REQUESTS, sampleOf, writeSampleOf } from './samples.ts';
import { checkFraming } from './stream-check.ts';

const PASSWORD = new Uint8Array(16).fill(7);
const NODES = [1, 2];
const IDENTITIES = [
  encodeIdentities([]),
  encodeIdentities([{ scheme: 'ip', id: '127.0.0.1' }]),
  encodeIdentities([
    { scheme: 'ip', id: '127.0.0.1' },
    { scheme: 'digest', id: 'user:smGaoVKd/cQkjm7b88GyorAUz20=' },
  ]),
];
/** The frame before all others, and what clients read. */
const OTHER_CODECS = [...RESPONSE_CODECS.values(), CONNECT_REQUEST, CONNECT_RESPONSE, EVENT_CODEC];
const SESSIONS_MAX = 20;
/** Out of so many frames one is looked at in this way, which takes longer than all the rest. */
const TRACE_CHECKED_ONE_IN = 300;
const SNAPSHOT_CHECKED_ONE_IN = 10_000;
const WRITTEN_AGAIN_ONE_IN = 8;

/** The decoders and the state machine, in this process and without any connection. */
export class DecoderFuzz {
  readonly #random: Random;
  readonly #counts: Counts;
  readonly #coordinator = new Coordinator();
  readonly #reader = new JuteReader();
  readonly #writer = new JuteWriter();
  readonly #reply = new JuteWriter();

  constructor(random: Random, counts: Counts) {
    this.#random = random;
    this.#counts = counts;
  }

  /** @throws FuzzFailure */
  run(frames: number): void {
    for (let i = 0; i < frames; i++) this.#frame();
    this.#checkSnapshot();
  }

  #frame(): void {
    const random = this.#random;
    if (random.oneIn(SNAPSHOT_CHECKED_ONE_IN)) this.#checkSnapshot();
    if (random.oneIn(100)) checkFraming(random);
    else if (random.oneIn(4)) this.#decode();
    else if (random.oneIn(10)) this.#decodeReply();
    else this.#apply(this.#payload());
  }

  /** A sample, mostly with faults, read as what it is or as something else. */
  #decode(): void {
    const random = this.#random;
    const { opCode, body } = sampleOf(random);
    const bytes = mutate(body, random, sampleOf(random).body);
    const asOpCode = random.oneIn(5) ? random.pick(REQUESTS).opCode : opCode;
    const codec = random.oneIn(20) ? random.pick(OTHER_CODECS) : REQUEST_CODECS.get(asOpCode);
    if (codec !== undefined) this.#decodeAs(codec, bytes);
  }

  #decodeAs(codec: RecordCodec, bytes: Uint8Array): void {
    const value = this.#read((reader) => codec.read(reader), bytes);
    if (value === undefined || !this.#random.oneIn(WRITTEN_AGAIN_ONE_IN)) return;
    // What is odd in the bytes, such as a flag of 7, is gone once it was read and written.
    const once = encode(codec, value);
    const again = encode(codec, codec.read(new JuteReader(once)));
    if (Buffer.compare(once, again) !== 0) {
      throw new FuzzFailure('reading and writing does not come to rest', bytes);
    }
    count(this.#counts, 'written again');
  }

  /** What a client reads of a faulty server. */
  #decodeReply(): void {
    const random = this.#random;
    const bytes = mutate(this.#reply.copy(), random, sampleOf(random).body);
    const body = bytes.subarray(Math.min(16, bytes.length));
    this.#decodeAs(random.pick(OTHER_CODECS), body);
  }

  #read(read: (reader: JuteReader) => unknown, bytes: Uint8Array): unknown {
    try {
      const value = read(this.#reader.reset(bytes));
      count(this.#counts, 'decoded');
      return value;
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw new FuzzFailure('a decoder threw something else than ProtocolError', bytes, error);
      }
      count(this.#counts, `refused: ${error.code}`);
      return undefined;
    }
  }

  #apply(payload: Uint8Array): void {
    const coordinator = this.#coordinator;
    const index = coordinator.lastAppliedIndex + 1;
    const digest = this.#random.oneIn(TRACE_CHECKED_ONE_IN) ? coordinator.digest() : undefined;
    let outcome: Outcome | undefined;
    try {
      outcome = coordinator.apply(index, 1_700_000_000_000 + index * 10, payload, 'outcome');
      this.#reply.reset();
      writeOutcomeReply(this.#reply, 1, index, 1, outcome!);
    } catch (error) {
      throw new FuzzFailure(`apply threw at index ${index}`, payload, error);
    }
    const { kind, code } = outcome!;
    count(this.#counts, kind === 'failed' ? `failed: ${errorCodeName(code)}` : `applied: ${kind}`);
    if (digest === undefined || outcome!.code === ErrorCode.ok) return;
    count(this.#counts, 'without a trace');
    if (coordinator.digest() !== digest) {
      throw new FuzzFailure('a refused command left a trace', payload);
    }
  }

  #payload(): Uint8Array {
    const random = this.#random;
    const writer = this.#writer;
    writer.reset();
    if (random.oneIn(40)) this.#writeSessionCommand(writer);
    else if (random.oneIn(80)) encodeDeleteMortal(writer, '/a', random.below(2) * 1_000);
    else this.#writeRequest(writer);
    // What clients send is only the body; a log entry as a whole would need a faulty node.
    return random.oneIn(20) ? mutate(writer.copy(), random, sampleOf(random).body) : writer.copy();
  }

  #writeRequest(writer: JuteWriter): void {
    const random = this.#random;
    const { opCode, body } = writeSampleOf(random);
    const sent = random.oneIn(2) ? body : mutate(body, random, sampleOf(random).body);
    const asOpCode = random.oneIn(20) ? random.pick(REQUESTS).opCode : opCode;
    const rule = random.oneIn(2) ? 'enforced' : 'reported';
    const sessionId = this.#sessionId();
    const owner = this.#coordinator.sessions.get(sessionId)?.owner ?? 1;
    encodeRequestCommand(
      writer,
      sessionId,
      random.oneIn(20) ? random.pick(NODES) : owner,
      asOpCode,
      random.pick(IDENTITIES),
      sent,
      rule,
    );
  }

  #writeSessionCommand(writer: JuteWriter): void {
    const random = this.#random;
    const isCrowded = this.#coordinator.sessions.size > SESSIONS_MAX;
    if (isCrowded || (this.#coordinator.sessions.size > 2 && random.oneIn(3))) {
      return encodeCloseSession(writer, this.#sessionId(), random.pick(['client', 'expired']));
    }
    if (random.oneIn(2)) return encodeCreateSession(writer, PASSWORD, 10_000, random.pick(NODES));
    const password = random.oneIn(4) ? random.bytes(random.below(20)) : PASSWORD;
    encodeAttachSession(writer, this.#sessionId(), password, 20_000, random.pick(NODES));
  }

  #sessionId(): number {
    const random = this.#random;
    if (random.oneIn(30)) return random.below(1_000);
    const ids = [...this.#coordinator.sessions.keys()];
    return ids.length === 0 ? 1 : random.pick(ids);
  }

  /** A node that takes the snapshot is where this one is. */
  #checkSnapshot(): void {
    const copy = new Coordinator();
    copy.restoreBegin();
    const chunks = this.#coordinator.snapshot();
    for (let step = chunks.next(); step.done !== true; step = chunks.next()) {
      copy.restoreChunk(step.value);
    }
    copy.restoreEnd(this.#coordinator.lastAppliedIndex);
    count(this.#counts, 'snapshots compared');
    if (copy.digest() !== this.#coordinator.digest()) {
      throw new FuzzFailure('a snapshot restores another state', new Uint8Array(0));
    }
  }
}

function encode(codec: RecordCodec, value: unknown): Uint8Array {
  const writer = new JuteWriter();
  codec.write(writer, value);
  return writer.copy();
}
