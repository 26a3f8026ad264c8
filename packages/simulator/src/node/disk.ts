import { StorageError } from '@bellwether/storage';
import { type DiskOperation, FaultyFileSystem } from '@bellwether/storage/testing';
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
  readonly #nowMs: () => number;
  speed: DiskSpeed = GOOD_DISK;
  #disturbedMs = -Infinity;
  /** Of the process that runs now: completions are handled there. */
  thread: SimulatedThread | undefined;
  /** The next write of the log fails, or has failed: its process is expected to end. */
  isFailing = false;
  /** Something on it is not what was written: its node may refuse to use it, for good. */
  isSpoiled = false;
  /** Some write may have failed for want of room. */
  wasFull = false;
  /** What to do in the next operation of a kind, if anything. */
  #ambush: { readonly kind: DiskOperation; readonly spring: () => void } | undefined;

  /** @param nowMs time of the world */
  constructor(random: RandomSource, nowMs: () => number) {
    this.#random = random;
    this.#nowMs = nowMs;
    const survival = random.fork('survival');
    this.fileSystem = new FaultyFileSystem({
      random: () => survival.next(),
      schedule: (run) => this.thread?.post(this.#flushMs(), run),
      onOperation: (kind) => this.#onOperation(kind),
    });
  }

  /** When the last write is or was durable that took longer than on a good disk. */
  get disturbedMs(): number {
    return this.#disturbedMs;
  }

  /** Whether the disk is to blame for an error, given what was done to it. */
  isToBlame(error: unknown): error is Error {
    if (error instanceof StorageError && error.code !== 'ioFailed') return this.isSpoiled;
    const isOfDisk = error instanceof StorageError || isRefusalOfDisk(error);
    return isOfDisk && (this.isFailing || this.isSpoiled || this.wasFull);
  }

  /** No room for anything new, until it is emptied. */
  fill(): void {
    this.wasFull = true;
    this.fileSystem.isFull = true;
  }

  /** The next operation of this kind is reported as failed, whatever became of it. */
  failNext(kind: DiskOperation): void {
    if (this.isFailing) return;
    this.isFailing = true;
    this.fileSystem.failNext(kind, 'EIO');
  }

  /** Nothing fails any more that has not failed yet. */
  mend(): void {
    if (this.fileSystem.cancelFailures() > 0) this.isFailing = false;
  }

  /** Calls `spring` in the next operation of this kind: what it does is not flushed yet. */
  lieInWait(kind: DiskOperation, spring: () => void): void {
    this.#ambush = { kind, spring };
  }

  /** What was to be done in an operation that has not come is not done. */
  giveUpWaiting(): void {
    this.#ambush = undefined;
  }

  /** What was not flushed is lost or torn. */
  losePower(): void {
    this.isFailing = false;
    this.fileSystem.crash();
  }

  #onOperation(kind: DiskOperation): void {
    const ambush = this.#ambush;
    if (ambush?.kind !== kind) return;
    this.#ambush = undefined;
    ambush.spring();
  }

  #flushMs(): number {
    const flushMs = this.#random.range(this.speed.flushMsMin, this.speed.flushMsMax);
    if (flushMs > GOOD_DISK.flushMsMax) {
      this.#disturbedMs = Math.max(this.#disturbedMs, this.#nowMs() + flushMs);
    }
    return flushMs;
  }
}

/** What the disk's own functions throw: the code of any other error has nothing to do with it. */
function isRefusalOfDisk(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'ENOSPC' || error.code === 'EIO';
}
