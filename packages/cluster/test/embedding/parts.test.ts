import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { frameCommand, readFramedCommand } from '../../src/embedding/command-frame.ts';
import { LeaderTermKeeper, type HeldTerm } from '../../src/embedding/leader-term.ts';
import { frameSnapshot, SnapshotPieces } from '../../src/embedding/snapshot-frames.ts';
import { hashOf } from '../../src/embedding/structural-hash.ts';
import type { Waiter } from '../../src/embedding/waiter.ts';
import { ClusterError } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('frames', () => {
  it('give a state machine its commands back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.option(fc.nat(), { nil: undefined }), (command, term) => {
        const read = readFramedCommand(frameCommand(command, term));
        expect(read?.onlyInTerm).toBe(term);
        expect([...(read?.command ?? [])]).toEqual([...command]);
      }),
    );
    expect(readFramedCommand(new Uint8Array(0))).toBeUndefined();
    expect(readFramedCommand(Uint8Array.of(1, 2, 3))).toBeUndefined();
    expect(readFramedCommand(Uint8Array.of(9))).toBeUndefined();
  });

  it('give a state machine the chunks of its snapshot back, in pieces that fit', () => {
    const limit = LIMITS.snapshotChunkBytesMax;
    const sizes = fc.oneof(fc.nat(10), fc.constantFrom(limit - 2, limit - 1, limit, 3 * limit));
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 5 }), (lengths) => {
        const chunks = lengths.map((length, i) => new Uint8Array(length).fill(i + 1));
        const restored: Uint8Array[] = [];
        let hasEnded = false;
        const pieces = new SnapshotPieces({
          write: (chunk) => restored.push(chunk),
          end: () => (hasEnded = true),
        });
        for (const piece of frameSnapshot(chunks)) {
          expect(piece.length).toBeLessThanOrEqual(limit);
          pieces.write(piece);
        }
        pieces.end();
        expect(hasEnded).toBe(true);
        expect(restored.map(({ length }) => length)).toEqual(lengths);
        restored.forEach((chunk, i) => expect(chunk.every((byte) => byte === i + 1)).toBe(true));
      }),
      { numRuns: 30 },
    );
  });

  it('refuse a snapshot that is none of theirs', () => {
    const pieces = new SnapshotPieces({ write: () => undefined, end: () => undefined });
    expect(() => pieces.write(Uint8Array.of(1, 2, 3))).toThrow(/written by another version/);
  });
});

describe('the hash of a result', () => {
  it('is the same for values that are alike', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(hashOf(value)).toBe(hashOf(structuredClone(value)));
      }),
    );
    expect(hashOf({ a: 1, b: [2, new Map([[3, 4]])] })).toBe(
      hashOf({ b: [2, new Map([[3, 4]])], a: 1 }),
    );
    const knot: unknown[] = [];
    knot.push(knot);
    expect(hashOf(knot)).toBe(hashOf(knot));
  });

  it('is found soon where values hold each other, or very many', () => {
    const knots: unknown[] = [];
    for (let i = 0; i < 8; i++) knots.push(knots);
    expect(hashOf(knots)).toBe(hashOf(knots));
    const many = Array.from({ length: 1_000_000 }, () => knots);
    expect(hashOf(many)).toBe(hashOf(many));
  });

  it('is another one for values that are not', () => {
    const values = [
      ...[
        undefined,
        null,
        true,
        false,
        0,
        -0,
        1,
        '1',
        1n,
        '',
        [],
        {},
        new Map(),
        [1],
        ['1'],
        [[1]],
      ],
      ...[{ a: 1 }, { a: '1' }, { b: 1 }, new Map([['a', 1]]), [undefined], [null], ['a', 'b']],
      ...[['ab'], Uint8Array.of(1), Uint8Array.of(1, 0), new Date(1), new Error('1')],
    ];
    expect(new Set(values.map(hashOf)).size).toBe(values.length);
  });
});

describe('the keeper of leader terms', () => {
  function fixture(isOverloaded = () => false) {
    vi.useFakeTimers();
    const questions: Waiter<number>[] = [];
    const keeper = new LeaderTermKeeper({
      nowMs: () => Date.now(),
      patienceMs: 200,
      intervalMs: 50,
      confirm: (waiter) => {
        if (isOverloaded()) waiter.reject(new ClusterError('OVERLOADED', 'too many reads'));
        else questions.push(waiter);
        return () => questions.splice(questions.indexOf(waiter), 1);
      },
    });
    const held: HeldTerm[] = [];
    const answer = (): void => questions.shift()?.resolve(1);
    const waitForTerm = () => keeper.onHeld((term) => held.push(term));
    return { keeper, questions, held, answer, waitForTerm };
  }

  it('asks nobody as long as nobody wants to know', () => {
    const { keeper, questions } = fixture();
    keeper.onLeadership(1);
    expect(questions).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('holds a term from an answer on, as long as answers come', () => {
    const { keeper, held, answer, waitForTerm } = fixture();
    keeper.want();
    waitForTerm();
    keeper.onLeadership(1);
    expect(held).toHaveLength(0);
    answer();
    expect(held).toHaveLength(1);
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(50);
      answer();
    }
    expect(held[0]?.controller.signal.aborted).toBe(false);
    vi.advanceTimersByTime(199);
    expect(held[0]?.controller.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(held[0]?.controller.signal.aborted).toBe(true);
  });

  it('counts an answer from the moment at which it was asked', () => {
    const { keeper, held, answer, waitForTerm } = fixture();
    keeper.want();
    waitForTerm();
    keeper.onLeadership(1);
    vi.advanceTimersByTime(150);
    answer();
    expect(held).toHaveLength(1);
    vi.advanceTimersByTime(50);
    expect(held[0]?.controller.signal.aborted).toBe(true);
    waitForTerm();
    vi.advanceTimersByTime(400);
    answer();
    expect(held).toHaveLength(1);
    vi.advanceTimersByTime(50);
    answer();
    expect(held).toHaveLength(2);
  });

  it('asks again when it was refused an answer, as long as somebody wants to know', () => {
    let isOverloaded = false;
    const { keeper, questions, held, answer, waitForTerm } = fixture(() => isOverloaded);
    const unwant = keeper.want();
    waitForTerm();
    keeper.onLeadership(1);
    answer();
    isOverloaded = true;
    vi.advanceTimersByTime(200);
    expect(held[0]?.controller.signal.aborted).toBe(true);
    waitForTerm();
    isOverloaded = false;
    vi.advanceTimersByTime(50);
    answer();
    expect(held).toHaveLength(2);
    vi.advanceTimersByTime(50);
    questions.shift()?.reject(new Error('no'));
    unwant();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves nothing behind when it is not wanted any more, or the term is over', () => {
    const { keeper, held, answer, questions, waitForTerm } = fixture();
    const unwant = keeper.want();
    waitForTerm();
    keeper.onLeadership(1);
    answer();
    unwant();
    expect(held[0]?.controller.signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    keeper.want();
    expect(questions).toHaveLength(1);
    keeper.onLeadership(undefined);
    expect(questions).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
