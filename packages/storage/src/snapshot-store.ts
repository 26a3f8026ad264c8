import type { LogIndex, SnapshotMetadata } from '@bellwether/raft';
import { assert } from './assert.ts';
import type { FileSystem } from './file-system.ts';
import { indexOfSnapshotName, snapshotName } from './format.ts';
import type { StorageLimits } from './limits.ts';
import { SnapshotReader } from './snapshot-reader.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

const NO_SNAPSHOT: SnapshotMetadata = {
  index: 0,
  term: 0,
  membership: { voters: [], votersOutgoing: [], learners: [] },
};

export interface SnapshotStoreOptions {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  readonly clusterId: string;
  readonly limits: StorageLimits;
}

/** The snapshot files of a directory: which is the newest, how the next one takes its place. */
export class SnapshotStore {
  readonly #options: SnapshotStoreOptions;
  /** Of the files that are there, ascending. */
  readonly #indexes: LogIndex[];
  readonly #open = new Set<SnapshotWriter>();
  #newest: SnapshotMetadata = NO_SNAPSHOT;
  #writers = 0;

  /** `names` is what is in the directory. Throws when the newest snapshot is damaged. */
  constructor(options: SnapshotStoreOptions, names: readonly string[]) {
    this.#options = options;
    this.#indexes = names.map(indexOfSnapshotName).filter((index) => index !== undefined);
    this.#indexes.sort((a, b) => a - b);
    const reader = this.openNewest();
    if (reader === undefined) return;
    this.#newest = reader.metadata;
    reader.close();
    this.#removeOld();
  }

  get newest(): SnapshotMetadata {
    return this.#newest;
  }

  openNewest(): SnapshotReader | undefined {
    const index = this.#indexes.at(-1);
    if (index === undefined) return undefined;
    const { fileSystem, clusterId } = this.#options;
    return SnapshotReader.open(fileSystem, this.#path(index), clusterId);
  }

  begin(metadata: SnapshotMetadata): SnapshotWriter {
    assert(metadata.index > 0, 'a snapshot stands for at least one entry');
    const { fileSystem, directory, clusterId, limits } = this.#options;
    this.#writers += 1;
    for (const earlier of this.#open) if (earlier.isDone) this.#open.delete(earlier);
    const writer = new SnapshotWriter({
      fileSystem,
      clusterId,
      metadata,
      temporaryPath: `${directory}/snapshot-${metadata.index}.${this.#writers}.tmp`,
      chunkBytesMax: limits.snapshotChunkBytesMax,
      onFlushed: (flushed) => this.#onFlushed(flushed),
    });
    this.#open.add(writer);
    return writer;
  }

  close(): void {
    for (const writer of this.#open) writer.abort();
    this.#open.clear();
  }

  #onFlushed(writer: SnapshotWriter): void {
    this.#open.delete(writer);
    const { fileSystem, directory } = this.#options;
    const { index } = writer.metadata;
    // A received snapshot may have overtaken this one.
    if (index <= this.#newest.index) return fileSystem.remove(writer.temporaryPath);
    fileSystem.rename(writer.temporaryPath, this.#path(index));
    fileSystem.syncDirectory(directory);
    this.#indexes.push(index);
    this.#newest = writer.metadata;
    this.#removeOld();
  }

  #removeOld(): void {
    const { fileSystem, limits } = this.#options;
    while (this.#indexes.length > limits.snapshotsKept) {
      fileSystem.remove(this.#path(this.#indexes[0] as LogIndex));
      this.#indexes.shift();
    }
  }

  #path(index: LogIndex): string {
    return `${this.#options.directory}/${snapshotName(index)}`;
  }
}
