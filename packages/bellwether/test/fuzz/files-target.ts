import { LogStore, StorageError } from '@bellwether/storage';
import { FaultyFileSystem } from '@bellwether/storage/testing';
import { count, FuzzFailure, type Counts } from './fuzz-failure.ts';
import { mutate } from './mutations.ts';
import type { Random } from './random.ts';

const DIRECTORY = 'data';
const OPTIONS = { directory: DIRECTORY, clusterId: 'flock', nodeId: 1 };
const LIMITS = { segmentBytes: 8192, writeBufferBytes: 512, cacheBytesMax: 0, cacheEntriesMax: 1 };
const ENTRIES = 60;
/** Entries in one batch: so many may be taken for torn with the last one. */
const BATCH = 3;

const dataOf = (index: number): Uint8Array => new Uint8Array(150 + (index % 9)).fill(index);

/** A directory with several segments and a snapshot. */
function directory(): FaultyFileSystem {
  const waiting: (() => void)[] = [];
  const schedule = (run: () => void): void => void waiting.push(run);
  const disk = new FaultyFileSystem({ random: () => 0.9, schedule });
  const settle = (): void => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) run();
  };
  const store = LogStore.open({ ...OPTIONS, fileSystem: disk, limits: LIMITS });
  for (let index = 1; index <= ENTRIES; index += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, at) => index + at);
    store.append(
      batch.map((each) => ({ index: each, term: 1, kind: 'command', data: dataOf(each) })),
    );
    store.flush(() => {});
    settle();
  }
  const membership = { voters: [1, 2, 3], votersOutgoing: [], learners: [] };
  const writer = store.beginSnapshot({ index: 40, term: 1, membership });
  writer.write(dataOf(40));
  writer.write(dataOf(41));
  writer.commit(() => {});
  settle();
  store.close();
  return disk;
}

/** The last one that was written to. */
function newestSegment(disk: FaultyFileSystem): string {
  const paths = disk.list(DIRECTORY).map((name) => `${DIRECTORY}/${name}`);
  const isWritten = (path: string): boolean =>
    path.endsWith('.seg') &&
    disk
      .contentOf(path)
      .subarray(4096)
      .some((byte) => byte !== 0);
  return paths.findLast(isWritten) ?? '';
}

/** Files of the data directory with faults in them: what opens holds nothing but what was written. */
export class FilesFuzz {
  readonly #random: Random;
  readonly #counts: Counts;
  readonly #original = directory();
  readonly #newest = newestSegment(this.#original);

  constructor(random: Random, counts: Counts) {
    this.#random = random;
    this.#counts = counts;
  }

  /** @throws FuzzFailure for a wrong answer, or an error that is not a StorageError */
  run(files: number): void {
    for (let done = 0; done < files; done++) this.#one();
  }

  #one(): void {
    const random = this.#random;
    const disk = this.#original.copy();
    const name = random.pick(disk.list(DIRECTORY));
    const path = `${DIRECTORY}/${name}`;
    const before = disk.contentOf(path);
    const other = disk.contentOf(`${DIRECTORY}/${random.pick(disk.list(DIRECTORY))}`);
    const after = mutate(before, random, other);
    const file = disk.open(path, 'readWrite');
    file.write(after, 0);
    file.truncate(after.length);
    file.sync();
    const kind = name.slice(name.lastIndexOf('.'));
    try {
      count(this.#counts, `${kind} ${this.#read(disk, path === this.#newest)}`);
    } catch (error) {
      if (!(error instanceof StorageError))
        throw new FuzzFailure(`${name} ends the node`, after, error);
      if (!error.message.includes(error.file))
        throw new FuzzFailure(`${name}: no file named`, after);
      count(this.#counts, `${kind} refused: ${error.code}`);
    }
  }

  /** `isNewest`: its end may be gone cleanly, as if it had never been written; nothing on this disk tells. */
  #read(disk: FaultyFileSystem, isNewest: boolean): string {
    const store = LogStore.open({ ...OPTIONS, fileSystem: disk, limits: LIMITS });
    const last = store.lastIndex();
    if (last < ENTRIES - BATCH && !isNewest)
      throw new Error(`entries behind ${last} are gone without a word`);
    if (last > ENTRIES) throw new Error(`there are entries up to ${last}`);
    const from = store.firstIndex();
    for (let index = from; index <= last; index++) {
      const [entry] = store.entries(index, index, 10_000);
      const isRight = entry !== undefined && Buffer.compare(entry.data, dataOf(index)) === 0;
      if (!isRight || entry.term !== 1) throw new Error(`entry ${index} is another one`);
    }
    const reader = store.openSnapshot();
    for (const index of [40, 41]) {
      const chunk = reader?.readChunk();
      if (chunk === undefined || Buffer.compare(chunk, dataOf(index)) !== 0) {
        throw new Error(`the snapshot has another chunk than ${index}`);
      }
    }
    if (reader?.readChunk() !== undefined) throw new Error('the snapshot has too many chunks');
    reader?.close();
    store.close();
    return last === ENTRIES ? 'whole' : 'cut at its end';
  }
}
