import type { Entry, LogReader, RaftNode, Role } from '@bellwether/raft';
import { describe, expect, it } from 'vitest';
import { commandSequence, commandTimeMs, stampTime, writeItemHeader } from '../src/command.ts';
import { AdmissionQueue } from '../src/driver/admission-queue.ts';
import { LIMITS } from '../src/limits.ts';

const ITEM_BYTES = 28;
const TERM = 5;

function batchOf(origin: number, incarnation: number, ...sequences: number[]): Uint8Array {
  const bytes = new Uint8Array(sequences.length * (ITEM_BYTES + 1));
  let at = 0;
  for (const sequence of sequences) {
    at = writeItemHeader(bytes, at, { origin, incarnation, sequence, payloadBytes: 1 }) + 1;
  }
  return bytes;
}

function entryOf(index: number, origin: number, sequence: number, timeMs: number): Entry {
  const data = batchOf(origin, 7, sequence).subarray(4);
  stampTime(data, timeMs);
  return { index, term: 4, kind: 'command', data };
}

/** A leader of term 5 whose log holds `earlier`, from index `firstIndex` on, and its own first entry. */
function fixture(earlier: readonly Entry[], firstIndex = 1) {
  const proposed: Uint8Array[] = [];
  const core: { role: Role; term: number } & Record<string, unknown> = {
    ...{ role: 'leader' as const, term: TERM, termStartIndex: firstIndex + earlier.length },
    propose: (data: Uint8Array) => (proposed.push(data), { outcome: 'accepted' }),
  };
  const log = {
    firstIndex: () => firstIndex,
    entries: (from: number, to: number) => earlier.slice(from - firstIndex, to - firstIndex + 1),
  } as unknown as LogReader;
  const queue = new AdmissionQueue(core as unknown as RaftNode, log, () => 1000);
  const add = (term: number, seenIndex: number, batch: Uint8Array) =>
    queue.add({ term, seenIndex, batch });
  const take = () => proposed.splice(0).map((data) => commandSequence(data));
  return { queue, add, take, proposed, core, termStartIndex: firstIndex + earlier.length };
}

const EARLIER = [entryOf(1, 2, 1, 500), entryOf(2, 2, 2, 5000), entryOf(3, 3, 9, 5000)];

describe('what a new leader is sent', () => {
  it('by who has seen the first entry of its term, is new', () => {
    const { queue, add, take, termStartIndex } = fixture(EARLIER);
    queue.onElected(TERM, 0);
    expect(add(TERM, termStartIndex, batchOf(2, 7, 1, 2, 3))).toBe(true);
    expect(take()).toEqual([1, 2, 3]);
  });

  it('early, is taken unless its own log has it', () => {
    const { queue, add, take } = fixture(EARLIER);
    queue.onElected(TERM, 0);
    add(TERM, 0, batchOf(2, 7, 1, 2, 3));
    expect(take()).toEqual([3]);
    add(TERM, 2, batchOf(3, 7, 10));
    add(TERM, 3, batchOf(4, 7, 1));
    add(TERM, 1, batchOf(2, 8, 1));
    expect(take()).toEqual([10, 1, 1]);
  });

  it('early, and again later, is taken once', () => {
    const { queue, add, take, termStartIndex } = fixture(EARLIER);
    queue.onElected(TERM, 0);
    add(TERM, 0, batchOf(2, 7, 1, 2, 3));
    add(TERM, termStartIndex, batchOf(2, 7, 3, 4));
    expect(take()).toEqual([3, 4]);
  });

  it('early, by who is behind what its log has dropped, is not taken before it is sent again', () => {
    const earlier = [entryOf(8, 2, 2, 500)];
    const { queue, add, take, termStartIndex } = fixture(earlier, 8);
    queue.onElected(TERM, 7);
    add(TERM, 3, batchOf(2, 7, 1, 2, 3));
    add(TERM, 4, batchOf(2, 7, 4));
    expect(take()).toEqual([]);
    add(TERM, termStartIndex, batchOf(2, 7, 3, 4));
    expect(take()).toEqual([3, 4]);
  });

  it('early, by who is far behind, is not looked up', () => {
    const earlier = Array.from({ length: LIMITS.earlierEntriesMax + 1 }, (_, i) => {
      return entryOf(i + 1, 2, i + 1, 500);
    });
    const { queue, add, take } = fixture(earlier);
    queue.onElected(TERM, earlier.length);
    add(TERM, 0, batchOf(2, 7, earlier.length + 1));
    expect(take()).toEqual([]);
    add(TERM, 1, batchOf(3, 7, 1));
    expect(take()).toEqual([1]);
  });

  it('early, by who lacks more bytes than can be looked through at once, is not looked up', () => {
    const large = entryOf(1, 2, 1, 500);
    const data = Buffer.concat([large.data, Buffer.alloc(LIMITS.earlierBytesMax / 2)]);
    const earlier = [1, 2].map((index) => ({ ...large, index, data }));
    const { queue, add, take } = fixture(earlier);
    queue.onElected(TERM, earlier.length);
    add(TERM, 0, batchOf(2, 7, 2));
    expect(take()).toEqual([]);
  });

  it('waits for the first entry of the term while the state is being restored', () => {
    const { queue, add, take, termStartIndex } = fixture([]);
    queue.onElected(TERM, undefined);
    add(TERM, termStartIndex, batchOf(2, 7, 1));
    expect(take()).toEqual([]);
    queue.onTermOpened(TERM);
    queue.retry();
    expect(take()).toEqual([1]);
  });

  it('is not stamped before what its log of earlier terms says, of which it has not delivered all', () => {
    const { queue, add, proposed } = fixture(EARLIER);
    queue.onElected(TERM, 1);
    add(TERM, 3, batchOf(4, 7, 1));
    expect(proposed.map((data) => commandTimeMs(data))).toEqual([5000]);
  });

  it('waits for the first entry of the term if not all times before it can be known', () => {
    const { queue, add, take, termStartIndex } = fixture([entryOf(8, 2, 1, 500)], 8);
    queue.onElected(TERM, 3);
    add(TERM, termStartIndex, batchOf(2, 7, 2));
    queue.retry();
    expect(take()).toEqual([]);
    queue.onTermOpened(TERM);
    queue.retry();
    expect(take()).toEqual([2]);
  });

  it('for another term, or in pieces, is not taken', () => {
    const { queue, add, take } = fixture(EARLIER);
    queue.onElected(TERM, 0);
    expect(add(TERM - 1, 3, batchOf(2, 7, 3))).toBe(true);
    expect(add(TERM, 3, batchOf(2, 7, 3).subarray(0, 9))).toBe(false);
    expect(add(TERM, 0, new Uint8Array(3))).toBe(false);
    expect(take()).toEqual([]);
  });
});

describe('what a candidate is sent along with votes', () => {
  const campaign = (earlier: readonly Entry[]) => {
    const stage = fixture(earlier);
    stage.core.role = 'candidate';
    const elect = () => {
      stage.core.role = 'leader';
      stage.queue.onElected(TERM, 0);
    };
    return { ...stage, elect };
  };

  it('is taken when it is elected, unless its own log has it, and once', () => {
    const { add, elect, take } = campaign(EARLIER);
    add(TERM, 0, batchOf(2, 7, 1, 2, 3));
    add(TERM, 0, batchOf(4, 7, 1));
    add(TERM, 0, batchOf(2, 7, 4));
    expect(take()).toEqual([]);
    elect();
    expect(take()).toEqual([3, 1, 4]);
    add(TERM, 3, batchOf(2, 7, 3, 4, 5));
    expect(take()).toEqual([5]);
  });

  it('is taken from the vote that decided, before the queue was told', () => {
    const { core, add, elect, take } = campaign([]);
    core.role = 'leader';
    add(TERM, 0, batchOf(2, 7, 1));
    expect(take()).toEqual([]);
    elect();
    expect(take()).toEqual([1]);
  });

  it('is not taken in another term', () => {
    const { core, queue, add, take } = campaign([]);
    add(TERM, 0, batchOf(2, 7, 1));
    Object.assign(core, { role: 'leader', term: TERM + 1 });
    queue.onElected(TERM + 1, 0);
    expect(take()).toEqual([]);
  });

  it('is not kept beyond a bound, nor what comes behind that: it is taken in its order', () => {
    const { add, elect, take } = campaign([]);
    const large = Buffer.concat([batchOf(2, 7, 2), Buffer.alloc(LIMITS.besideVotesBytesMax)]);
    add(TERM, 0, batchOf(2, 7, 1));
    add(TERM, 0, large);
    add(TERM, 0, batchOf(2, 7, 3));
    elect();
    expect(take()).toEqual([1]);
    add(TERM, 0, batchOf(2, 7, 4));
    expect(take()).toEqual([]);
    add(TERM, 1, batchOf(2, 7, 1, 2, 3, 4));
    expect(take()).toEqual([2, 3, 4]);
  });

  it('is not taken behind what came before it knew of that term, as after a restart', () => {
    const { core, add, elect, take, termStartIndex } = campaign([]);
    Object.assign(core, { role: 'follower', term: TERM - 1 });
    add(TERM, 0, batchOf(2, 7, 1));
    Object.assign(core, { role: 'candidate', term: TERM });
    add(TERM, 0, batchOf(2, 7, 2));
    add(TERM, 0, batchOf(3, 7, 1));
    elect();
    expect(take()).toEqual([1]);
    add(TERM, 0, batchOf(2, 7, 3));
    expect(take()).toEqual([]);
    add(TERM, termStartIndex, batchOf(2, 7, 1, 2, 3));
    expect(take()).toEqual([1, 2, 3]);
  });

  it('is taken in a later term, whatever it has missed of the ones before', () => {
    const { core, add, elect, take } = campaign([]);
    Object.assign(core, { role: 'follower', term: TERM - 2 });
    add(TERM - 1, 0, batchOf(2, 7, 1));
    Object.assign(core, { role: 'candidate', term: TERM });
    add(TERM, 0, batchOf(2, 7, 1, 2));
    elect();
    expect(take()).toEqual([1, 2]);
  });
});
