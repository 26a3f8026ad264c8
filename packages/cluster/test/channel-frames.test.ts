import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Entry, EntryKind } from '@bellwether/raft';
import {
  readToConsensus,
  readToService,
  writeCommitted,
  writeToConsensus,
  writeToService,
} from '../src/thread/channel-frames.ts';
import { PackedBatch } from '../src/thread/committed-batch.ts';
import type { ToConsensus, ToService } from '../src/thread/messages.ts';
import { ReusedInput } from '../src/thread/reused-input.ts';
import { ByteWriter } from '../src/wire/bytes.ts';
import { writeFrame } from '../src/wire/frame.ts';

/** Long bodies are compared quickly this way. */
const gist = (body: Uint8Array): string => `${body.length} bytes, crc ${crc32(body)}`;

const node = { nodeId: 1, incarnation: 1 };

function there(message: ToConsensus): ToConsensus {
  const writer = new ByteWriter();
  writeToConsensus(writer, message);
  return readToConsensus(writer.view().slice()) as ToConsensus;
}

function back(message: ToService): ToService {
  const writer = new ByteWriter();
  writeToService(writer, message);
  return readToService(writer.view().slice());
}

describe('what the two processes of a node say to each other', () => {
  it('is read as it was written', () => {
    const batch = Uint8Array.of(1, 2, 3);
    expect(there({ type: 'commands', batch })).toEqual({ type: 'commands', batch });
    expect(there({ type: 'applied', index: 2 ** 40, buffers: [new ArrayBuffer(8)] })).toEqual({
      type: 'applied',
      index: 2 ** 40,
      buffers: [],
    });
    expect(there({ type: 'snapshotChunk', chunk: undefined })).toEqual({
      type: 'snapshotChunk',
      chunk: undefined,
    });
    expect(there({ type: 'stop' })).toEqual({ type: 'stop' });
  });

  it.each(['follower', 'preCandidate', 'candidate', 'leader'] as const)(
    'tells who leads, to a %s',
    (role) => {
      const leadership = { role, term: 2 ** 40, leaderId: 0xffff_ffff, isServing: true };
      const message = { type: 'leadership', leadership } as const;
      expect(back(message)).toEqual(message);
    },
  );

  it('carries errors with their codes', () => {
    const message = back({ type: 'fatal', error: new RangeError('no room'), code: 'ENOSPC' });
    expect(message).toMatchObject({ type: 'fatal', code: 'ENOSPC' });
    expect((message as { readonly error: Error }).error).toBeInstanceOf(RangeError);
  });

  it('keeps nothing of the buffer that it was read from, but committed entries', () => {
    const writer = new ByteWriter();
    writeToService(writer, { type: 'message', from: 2, bytes: Uint8Array.of(7, 7) });
    const frame = writer.view().slice();
    const message = readToService(frame) as { readonly bytes: Uint8Array };
    frame.fill(0);
    expect([...message.bytes]).toEqual([7, 7]);
  });

  it('brings committed entries as the service reads them', () => {
    const kinds: readonly EntryKind[] = ['noop', 'membership'];
    const entries: Entry[] = kinds.map((kind, i) => ({
      index: 10 + i,
      term: 3,
      kind,
      data: Uint8Array.of(i),
    }));
    const writer = new ByteWriter();
    writeCommitted(writer, entries);
    const message = readToService(writer.view().slice());
    if (message.type !== 'committed') throw new Error('another message');
    const batch = new PackedBatch(node, message.firstIndex, message.bytes);
    const seen: unknown[] = [];
    while (batch.next()) {
      seen.push({ index: batch.index, term: batch.term, kind: batch.kind, data: batch.payload });
    }
    expect(seen).toEqual(entries);
  });
});

describe('a buffer that is read into again and again', () => {
  /** Feeds `bytes` in pieces, as a socket would, and returns the bodies that came out. */
  function cut(bytes: Uint8Array, pieces: readonly number[]): string[] {
    const bodies: string[] = [];
    const input = new ReusedInput((body) => bodies.push(gist(body)));
    let at = 0;
    for (let i = 0; at < bytes.length; i += 1) {
      const room = input.room();
      const wanted = pieces[i % pieces.length] ?? 1;
      const count = Math.min(wanted, room.length, bytes.length - at);
      expect(room.length).toBeGreaterThan(0);
      room.set(bytes.subarray(at, at + count));
      input.onRead(count);
      at += count;
    }
    return bodies;
  }

  function framesOf(bodies: readonly Uint8Array[]): Uint8Array {
    const writer = new ByteWriter();
    for (const body of bodies) writeFrame(writer, (inner) => inner.raw(body), false);
    return writer.view();
  }

  it('cuts any stream into its frames, however it comes', () => {
    const lengths = fc.array(fc.oneof(fc.nat(300), fc.integer({ min: 200_000, max: 700_000 })), {
      maxLength: 12,
    });
    const pieces = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(2 ** 20)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(lengths, pieces, (sizes, steps) => {
        const bodies = sizes.map((size, i) => new Uint8Array(size).fill(i + 1));
        // Tiny steps through large frames would take for ever.
        const usable = sizes.some((size) => size > 1_000) ? [...steps, 100_000] : steps;
        expect(cut(framesOf(bodies), usable)).toEqual(bodies.map(gist));
      }),
      { numRuns: 60 },
    );
  });

  it('grows for a frame that is longer than it is, and shrinks again', () => {
    const bodies = [new Uint8Array(3 * 2 ** 20).fill(1), new Uint8Array(5).fill(2)];
    expect(cut(framesOf(bodies), [2 ** 20])).toEqual(bodies.map(gist));
  });
});
