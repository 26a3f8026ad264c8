import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '@bellwether/raft';
import { ByteWriter } from '../src/wire/bytes.ts';
import { FrameSplitter, writeFrame } from '../src/wire/frame.ts';
import {
  commonVersion,
  PEER_PROTOCOL,
  type PeerProtocol,
  readAnswer,
  readHello,
  writeAccept,
  writeHello,
  writeRefusal,
} from '../src/wire/handshake.ts';
import { readMessage, writeMessage } from '../src/wire/message-codec.ts';
import type { PeerMessage } from '../src/wire/peer-message.ts';

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const bytes = fc.uint8Array({ maxLength: 200 });
const ids = { from: fc.constant(1), to: fc.constant(2) };
const envelope = { ...ids, term: count };
const membership = fc.constant({ voters: [1, 2, 3], votersOutgoing: [1, 2], learners: [9] });

const appendEntries: fc.Arbitrary<Message> = fc
  .record({
    term: count,
    prevIndex: fc.nat({ max: 2 ** 40 }),
    prevTerm: count,
    commit: count,
    items: fc.array(
      fc.record({
        kind: fc.constantFrom('command', 'noop', 'membership'),
        term: count,
        data: bytes,
      }),
    ),
  })
  .map(({ items, ...rest }) => ({
    type: 'AppendEntries',
    from: 1,
    to: 2,
    ...rest,
    entries: items.map((item, i) => ({ index: rest.prevIndex + 1 + i, ...item })),
  }));

const type = <T extends PeerMessage['type']>(name: T): fc.Arbitrary<T> => fc.constant(name);

const message: fc.Arbitrary<PeerMessage> = fc.oneof(
  appendEntries,
  fc.record({ type: type('RequestPreVote'), ...envelope, lastIndex: count, lastTerm: count }),
  fc.record({ type: type('RequestPreVoteResponse'), ...envelope, granted: fc.boolean() }),
  fc.record({
    type: type('RequestVote'),
    ...envelope,
    lastIndex: count,
    lastTerm: count,
    isTransfer: fc.boolean(),
  }),
  fc.record({ type: type('RequestVoteResponse'), ...envelope, granted: fc.boolean() }),
  fc.record({
    type: type('AppendEntriesResponse'),
    ...envelope,
    accepted: fc.boolean(),
    index: count,
    hintIndex: count,
    hintTerm: count,
  }),
  fc.record({ type: type('Heartbeat'), ...envelope, commit: count, round: count }),
  fc.record({ type: type('HeartbeatResponse'), ...envelope, round: count }),
  fc.record({ type: type('CommitNotice'), ...envelope, commit: count }),
  fc.record({
    type: type('InstallSnapshot'),
    ...envelope,
    snapshot: fc.record({ index: count, term: count, membership }),
  }),
  fc.record({
    ...{ type: type('HandOver'), ...envelope, successor: fc.nat(0xffff_ffff) },
    ...{ lastIndex: count, lastTerm: count },
  }),
  fc.record({
    type: type('ReadIndexRequest'),
    ...envelope,
    requestId: count,
    basis: fc.constantFrom('quorum' as const, 'lease' as const),
  }),
  fc.record({ type: type('ReadIndexResponse'), ...envelope, requestId: count, index: count }),
  fc.record({ type: type('ForwardCommands'), ...envelope, seenIndex: count, batch: bytes }),
  fc.record({ type: type('ServiceMessage'), ...ids, bytes }),
  fc.record({
    type: type('Vitals'),
    ...ids,
    vitals: fc.record({
      role: fc.constantFrom('follower', 'preCandidate', 'candidate', 'leader'),
      term: count,
      commit: count,
      loadBytes: count,
      loopDelayMs: count,
      flushAgeMs: count,
      flushPendingMs: count,
      serviceAgeMs: count,
      servicePendingMs: count,
    }),
  }),
);

function encode(value: PeerMessage): Uint8Array {
  const writer = new ByteWriter();
  writeMessage(writer, value);
  return writer.view().slice();
}

function framesOf(...values: PeerMessage[]): Uint8Array {
  const writer = new ByteWriter();
  for (const value of values) writeFrame(writer, (body) => writeMessage(body, value));
  return writer.view().slice();
}

describe('messages between peers', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(readMessage(encode(value), 1, 2)).toEqual(value);
      }),
    );
  });

  it('that are cut off are refused with a typed error', () => {
    fc.assert(
      fc.property(message, fc.nat(), (value, cut) => {
        const body = encode(value);
        const short = body.subarray(0, cut % body.length);
        expect(() => readMessage(short, 1, 2)).toThrow(/frame|membership/i);
      }),
    );
  });

  it('with fields behind those that are known are read as without them', () => {
    fc.assert(
      fc.property(message, fc.uint8Array({ minLength: 1, maxLength: 50 }), (value, more) => {
        const body = new Uint8Array(Buffer.concat([encode(value), more]));
        expect(readMessage(body, 1, 2)).toEqual(value);
      }),
    );
  });

  it('of a type that is not known are passed over', () => {
    fc.assert(
      fc.property(fc.integer({ min: 17, max: 255 }), bytes, (code, rest) => {
        expect(readMessage(Buffer.concat([Uint8Array.of(code), rest]), 1, 2)).toBeUndefined();
      }),
    );
  });

  it('with an entry of a kind that is not known are refused: it must not be left out', () => {
    const entry = { index: 1, term: 1, kind: 'noop', data: new Uint8Array(0) } as const;
    const rest = { term: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries: [entry] };
    const body = encode({ type: 'AppendEntries', from: 1, to: 2, ...rest });
    // type, term, prevIndex, prevTerm, commit, count; then the kind.
    body[1 + 4 * 8 + 4] = 9;
    expect(() => readMessage(body, 1, 2)).toThrow('unknown entry kind 9');
  });
});

describe('frames', () => {
  it('are found again however the stream is cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.integer({ min: 1, max: 50 })), (values, cuts) => {
        const stream = framesOf(...values);
        const found: PeerMessage[] = [];
        const splitter = new FrameSplitter((body) => found.push(readMessage(body, 1, 2)!));
        let at = 0;
        for (const cut of cuts) {
          if (at >= stream.length) break;
          splitter.push(stream.subarray(at, at + cut));
          at += cut;
        }
        if (at < stream.length) splitter.push(stream.subarray(at));
        expect(found.map(encode)).toEqual(values.map(encode));
      }),
    );
  });

  it('with any byte of the body or checksum changed are refused', () => {
    const stream = framesOf({ type: 'CommitNotice', from: 1, to: 2, term: 77, commit: 9 });
    for (let at = 4; at < stream.length; at++) {
      const changed = stream.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const splitter = new FrameSplitter(() => expect.unreachable());
      expect(() => splitter.push(changed)).toThrow(/checksum/);
    }
  });

  it('that claim to be longer than allowed are refused before they are read', () => {
    const splitter = new FrameSplitter(() => expect.unreachable());
    expect(() => splitter.push(new Uint8Array([0x7f, 0, 0, 0, 0, 0, 0, 0]))).toThrow(/too long/);
  });
});

describe('the handshake', () => {
  const hello = {
    protocol: PEER_PROTOCOL,
    clusterId: 'c',
    from: 2,
    to: 1,
    offer: undefined,
  };
  const written = (write: (writer: ByteWriter) => void): Uint8Array => {
    const writer = new ByteWriter();
    write(writer);
    return writer.view().slice();
  };

  it('tells who calls whom, of which cluster, and what for', () => {
    expect(readHello(written((w) => writeHello(w, hello)))).toEqual({ kind: 'hello', hello });
    const membership = { voters: [1, 2], votersOutgoing: [], learners: [] };
    const snapshot = { index: 9, term: 3, membership };
    const offer = { type: 'InstallSnapshot', from: 2, to: 1, term: 4, snapshot } as const;
    const withOffer = { ...hello, offer };
    expect(readHello(written((w) => writeHello(w, withOffer)))).toEqual({
      kind: 'hello',
      hello: withOffer,
    });
  });

  it('refuses strangers', () => {
    expect(() => readHello(new Uint8Array([1, 2, 3, 4, 5, 6]))).toThrow(/not a Bellwether peer/);
  });

  it('goes by the newest version that both know, and passes over what is added behind', () => {
    const range = (oldest: number, version: number): PeerProtocol => ({ oldest, version });
    expect(commonVersion(range(3, 3), range(3, 4))).toBe(3);
    expect(commonVersion(range(3, 5), range(4, 4))).toBe(4);
    expect(commonVersion(range(3, 3), range(4, 4))).toBeUndefined();
    const newer = { ...hello, protocol: range(3, 7) };
    const body = Buffer.concat([written((w) => writeHello(w, newer)), Uint8Array.of(1, 2, 3)]);
    expect(readHello(body, range(2, 3))).toEqual({ kind: 'hello', hello: newer });
  });

  it.each([
    [{ version: 3, oldest: 3 }, { version: 9, oldest: 7 }, 'version 7 to 9', 'speaks 3;'],
    [{ version: 9, oldest: 7 }, { version: 3, oldest: 3 }, 'version 3 ', 'speaks 7 to 9;'],
  ])('refuses in words: %j is called by %j', (own, protocol, theirs, ours) => {
    // Whatever such a build says behind its versions.
    const body = written((w) => writeHello(w, { ...hello, protocol })).subarray(0, 8);
    const greeting = readHello(body, own);
    if (greeting.kind === 'hello') return expect.unreachable();
    expect(greeting.reason).toContain(theirs);
    expect(greeting.reason).toContain(`but this node ${ours}`);
    const accept = written((w) => writeAccept(w, protocol));
    expect(() => readAnswer(accept, own)).toThrow(greeting.reason);
  });

  it('understands the versions of builds that did not say which they also spoke', () => {
    const body = written((w) => writeHello(w, { ...hello, protocol: { version: 2, oldest: 0 } }));
    const greeting = readHello(body);
    expect(greeting).toMatchObject({ kind: 'otherVersion' });
    expect(greeting).toHaveProperty('reason', expect.stringContaining('version 2 of the peers'));
  });

  it('carries the reason of a refusal back', () => {
    expect(() => readAnswer(written((w) => writeAccept(w, PEER_PROTOCOL)))).not.toThrow();
    expect(() => readAnswer(written((w) => writeRefusal(w, 'other cluster')))).toThrow(
      'refused: other cluster',
    );
  });
});
