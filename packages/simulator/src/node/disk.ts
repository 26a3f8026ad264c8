import { StorageError } from '@bellwether/storage';
import { FaultyFileSystem } from '@bellwether/storage/testing';
import type { RandomSource } from '../random.ts';
import type { SimulatedThread } from '../thread.ts';

/** How long a write takes until it is durable, in ms. */
export interface DiskSpeed {
  readonly flushMsMin: number;
  readonly flushMsMax: number;
}

/** Where a node keeps its files. */
export const DATA_DIRECTORY = '/data';

export const GOOD_DISK: DiskSpeed = { flushMsMin: 0.1, flushMsMax: 2 };

/** A machine's disk, which outlives its processes. */
export class SimulatedDisk {
  readonly fileSystem: FaultyFileSystem;
  readonly #random: RandomSource;
  speed: DiskSpeed = GOOD_DISK;
  /** Of the process that runs now: completions are handled there. */
  thread: SimulatedThread | undefined;
  /** The next write of the log fails, or has failed: its process is expected to end. */
  isFailing = false;
  /** Something on it is not what was written: its node may refuse to use it, for good. */
  isSpoiled = false;
  /** Some write may have failed for want of room. */
  wasFull = false;

  constructor(random: RandomSource) {
    this.#random = random;
    const survival = random.fork('survival');
    this.fileSystem = new FaultyFileSystem({
      random: () => survival.next(),
      schedule: (run) => this.thread?.post(this.#flushMs(), run),
    });
  }

  /** Whether the disk is to blame for an error, given what was done to it. */
  isToBlame(error: unknown): error is Error {
    if (error instanceof StorageError && error.code !== 'ioFailed') return this.isSpoiled;
    const isOfSystem = error instanceof StorageError || (error instanceof Error && 'code' in error);
    return isOfSystem && (this.isFailing || this.isSpoiled || this.wasFull);
  }

  /** No room for anything new, until it is emptied. */
  fill(): void {
    this.wasFull = true;
    this.fileSystem.isFull = true;
  }

  /** The next flushed write is reported as failed, whatever became of it. */
  failNextWrite(): void {
    if (this.isFailing) return;
    this.isFailing = true;
    this.fileSystem.failNext('writeThrough', 'EIO');
  }

  /** What was not flushed is lost or torn. */
  losePower(): void {
    this.isFailing = false;
    this.fileSystem.crash();
  }

  #flushMs(): number {
    return this.#random.range(this.speed.flushMsMin, this.speed.flushMsMax);
  }
}
