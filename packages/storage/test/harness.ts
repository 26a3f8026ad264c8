import type { Entry, HardState, Random, SnapshotMetadata } from '@bellwether/raft';
import { LogStore, type LogStoreOptions, type StorageLimits } from '../src/index.ts';
import { FaultyFileSystem } from '../src/testing/index.ts';

export const DIRECTORY = 'data';
const CLUSTER_ID = 'flock';

export const SMALL: Partial<StorageLimits> = {
  segmentBytes: 8192,
  writeBufferBytes: 512,
  cacheBytesMax: 2000,
  cacheEntriesMax: 8,
  readBytes: 700,
};

/** Mulberry32: a small deterministic generator. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Completions wait here until the test lets them happen. */
export class Queue {
  readonly #waiting: (() => void)[] = [];

  readonly schedule = (run: () => void): void => {
    this.#waiting.push(run);
  };

  get length(): number {
    return this.#waiting.length;
  }

  runOne(): boolean {
    const run = this.#waiting.shift();
    run?.();
    return run !== undefined;
  }

  runAll(): void {
    while (this.runOne());
  }
}

export interface Machine {
  readonly queue: Queue;
  readonly disk: FaultyFileSystem;
}

export function machine(seed = 1): Machine {
  const queue = new Queue();
  const disk = new FaultyFileSystem({ random: seeded(seed), schedule: queue.schedule });
  return { queue, disk };
}

export function openOn(disk: FaultyFileSystem, more: Partial<LogStoreOptions> = {}): LogStore {
  return LogStore.open({
    fileSystem: disk,
    directory: DIRECTORY,
    clusterId: CLUSTER_ID,
    nodeId: 1,
    limits: SMALL,
    ...more,
  });
}

/** Data that only this index and term can have. */
export function dataOf(index: number, term: number, length = 100): Uint8Array {
  const bytes = new Uint8Array(length + (index % 7));
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = (index * 31 + term * 17 + at) & 0xff;
  return bytes;
}

export function entry(index: number, term: number, length = 100): Entry {
  const kind = index % 5 === 0 ? 'noop' : index % 11 === 0 ? 'membership' : 'command';
  return { index, term, kind, data: dataOf(index, term, length) };
}

export function entriesOf(from: number, to: number, term: number, length = 100): Entry[] {
  const entries: Entry[] = [];
  for (let index = from; index <= to; index += 1) entries.push(entry(index, term, length));
  return entries;
}

export function hard(term: number, vote: number, commit: number): HardState {
  return { term, vote, commit };
}

export function metadataOf(index: number, term: number): SnapshotMetadata {
  return { index, term, membership: { voters: [1, 2, 3], votersOutgoing: [], learners: [4] } };
}

/** Everything that is readable, read in small pieces. */
export function readAll(store: LogStore, bytesMax = 300): Entry[] {
  const read: Entry[] = [];
  let next = store.firstIndex();
  while (next <= store.lastIndex()) {
    const some = store.entries(next, store.lastIndex(), bytesMax);
    read.push(...some);
    next += some.length;
  }
  return read;
}

/** Flushes and lets everything complete; throws what the flush reports. */
export function flushed(store: LogStore, queue: Queue): void {
  let outcome: 'pending' | 'done' | Error = 'pending';
  store.flush((error) => {
    outcome = error ?? 'done';
  });
  queue.runAll();
  if ((outcome as unknown) instanceof Error) throw outcome;
  if ((outcome as string) !== 'done') throw new Error('the flush did not complete');
}

/** Writes a snapshot and lets it complete. */
export function snapshotAt(store: LogStore, queue: Queue, index: number, term: number): void {
  const writer = store.beginSnapshot(metadataOf(index, term));
  for (const chunk of chunksOf(index)) writer.write(chunk);
  let isDone = false;
  writer.commit((error) => {
    if (error) throw error;
    isDone = true;
  });
  queue.runAll();
  if (!isDone) throw new Error('the commit did not complete');
}

/** The state at an index: a few chunks, one of them empty. */
export function chunksOf(index: number): Uint8Array[] {
  return [dataOf(index, 1, 700), new Uint8Array(0), dataOf(index, 2, 90)];
}
