import { ClusterError, forEachCommand, LIMITS, writeItemHeader } from '@bellwether/cluster';
import type { PeerMessage } from '@bellwether/cluster';
import {
  PEER_PROTOCOL,
  ByteWriter,
  FrameSplitter,
  readHello,
  readMessage,
  writeFrame,
  writeHello,
  writeMessage,
} from '@bellwether/cluster/testing';
import { encodeMembership, type Entry } from '@bellwether/raft';
import { count, FuzzFailure, type Counts } from './fuzz-failure.ts';
import { mutate } from './mutations.ts';
import type { Random } from './random.ts';

const ENVELOPE = { from: 1, to: 2, term: 7 };
const MEMBERSHIP = { voters: [1, 2, 3], votersOutgoing: [], learners: [4] };

const ENTRIES: readonly Entry[] = [
  { index: 8, term: 6, kind: 'command', data: new Uint8Array(30).fill(3) },
  { index: 9, term: 7, kind: 'noop', data: new Uint8Array(0) },
  { index: 10, term: 7, kind: 'membership', data: encodeMembership(MEMBERSHIP) },
];

function batch(): Uint8Array {
  const bytes = new Uint8Array(200);
  const command = { origin: 1, incarnation: 5, sequence: 9, payloadBytes: 20 };
  const end = writeItemHeader(bytes, 0, command) + command.payloadBytes;
  const next = writeItemHeader(bytes, end, { ...command, sequence: 10 }) + command.payloadBytes;
  return bytes.subarray(0, next);
}

const OFFER = {
  ...ENVELOPE,
  type: 'InstallSnapshot',
  snapshot: { index: 9, term: 6, membership: MEMBERSHIP },
} as const;

/** One of each kind that has something in it worth changing. */
const MESSAGES: readonly PeerMessage[] = [
  { ...ENVELOPE, type: 'RequestPreVote', lastIndex: 5, lastTerm: 4 },
  { ...ENVELOPE, type: 'RequestVote', lastIndex: 5, lastTerm: 4, isTransfer: true },
  { ...ENVELOPE, type: 'AppendEntries', prevIndex: 7, prevTerm: 6, entries: ENTRIES, commit: 6 },
  { ...ENVELOPE, type: 'Heartbeat', commit: 5, round: 3 },
  { ...ENVELOPE, type: 'CommitNotice', commit: 5 },
  OFFER,
  { ...ENVELOPE, type: 'ReadIndexResponse', requestId: 77, index: 5 },
  { ...ENVELOPE, type: 'ForwardCommands', seenIndex: 3, batch: batch() },
  { from: 1, to: 2, type: 'ServiceMessage', bytes: new Uint8Array(12).fill(1) },
];

const HELLOS = [undefined, OFFER].map((offer) => ({
  protocol: PEER_PROTOCOL,
  clusterId: 'flock',
  from: 1,
  to: 2,
  offer,
}));

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  write(writer);
  return writer.view().slice();
}

const BODIES = MESSAGES.map((message) => written((writer) => writeMessage(writer, message)));
const HELLO_BODIES = HELLOS.map((hello) => written((writer) => writeHello(writer, hello)));

/** What another node, or somebody who says to be one, may send: frames, greetings, messages. */
export class PeerFuzz {
  readonly #random: Random;
  readonly #counts: Counts;

  constructor(random: Random, counts: Counts) {
    this.#random = random;
    this.#counts = counts;
  }

  /** @throws FuzzFailure when something else than a ClusterError is thrown */
  run(frames: number): void {
    for (let done = 0; done < frames; done++) this.#one();
  }

  #one(): void {
    const random = this.#random;
    const isHello = random.oneIn(4);
    const bodies = isHello ? HELLO_BODIES : BODIES;
    const body = mutate(random.pick(bodies), random, random.pick(bodies));
    const frame = written((writer) => writeFrame(writer, (inner) => inner.raw(body)));
    const bytes = random.oneIn(3) ? mutate(frame, random, frame) : frame;
    this.#try(bytes, () => {
      this.#feed(bytes, (found) => (isHello ? readHello(found) : this.#read(found)));
    });
  }

  /** In pieces, as a stream comes. */
  #feed(bytes: Uint8Array, onBody: (body: Uint8Array) => void): void {
    const splitter = new FrameSplitter(onBody);
    splitter.bytesMax = LIMITS.handshakeFrameBytesMax;
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + this.#random.below(bytes.length);
      splitter.push(bytes.subarray(at, end));
      at = end;
    }
  }

  #read(body: Uint8Array): void {
    const message = readMessage(body, ENVELOPE.from, ENVELOPE.to);
    count(this.#counts, `read: ${message?.type ?? 'of a newer build'}`);
    if (message?.type !== 'ForwardCommands') return;
    const isWhole = forEachCommand(message.batch, (data) =>
      count(this.#counts, `taken: ${data.length}`),
    );
    if (!isWhole) count(this.#counts, 'malformed batches');
  }

  #try(bytes: Uint8Array, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ClusterError))
        throw new FuzzFailure('a peer ends the node', bytes, error);
      count(this.#counts, `refused: ${error.code}`);
    }
  }
}
