import type { SnapshotMetadata } from '@bellwether/raft';
import { assert } from './assert.ts';
import type { File, FileSystem, OnDone } from './file-system.ts';
import {
  CHUNK_HEADER_BYTES,
  encodeChunkHeader,
  encodeFooter,
  encodeSnapshotHeader,
} from './snapshot-format.ts';

export interface SnapshotWriterOptions {
  readonly fileSystem: FileSystem;
  readonly clusterId: string;
  readonly metadata: SnapshotMetadata;
  readonly temporaryPath: string;
  readonly chunkBytesMax: number;
  /** Gives the flushed file its name and calls on; or throws. */
  readonly onFlushed: (writer: SnapshotWriter) => void;
}

/**
 * Writes one snapshot, one's own or one received. Nothing of it counts before commit() is done. Write
 * errors are thrown as they come from the system: abort() then; the log goes on without this snapshot.
 */
export class SnapshotWriter {
  readonly metadata: SnapshotMetadata;
  readonly temporaryPath: string;
  readonly #options: SnapshotWriterOptions;
  readonly #file: File;
  #position = 0;
  #chunks = 0;
  #dataBytes = 0;
  #state: 'writing' | 'committing' | 'done' = 'writing';

  constructor(options: SnapshotWriterOptions) {
    this.#options = options;
    this.metadata = options.metadata;
    this.temporaryPath = options.temporaryPath;
    this.#file = options.fileSystem.open(options.temporaryPath, 'create');
    this.#put(encodeSnapshotHeader(options.clusterId, options.metadata));
  }

  /** Committed or aborted. */
  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Appends one chunk; readers get it with the same boundaries. Blocks for a copy, not for a flush. */
  write(chunk: Uint8Array): void {
    assert(this.#state === 'writing', 'write() comes before commit() and abort()');
    assert(chunk.length <= this.#options.chunkBytesMax, 'a chunk stays below its maximum');
    const header = encodeChunkHeader(chunk, this.#chunks);
    assert(header.length === CHUNK_HEADER_BYTES, 'chunk headers have one length');
    this.#put(header);
    this.#put(chunk);
    this.#chunks += 1;
    this.#dataBytes += chunk.length;
  }

  /**
   * Makes the snapshot durable, then the log's newest one unless a newer is there. `onDone` gets the
   * error, after which the snapshot is gone as after abort().
   */
  commit(onDone: OnDone): void {
    assert(this.#state === 'writing', 'commit() comes once, and not after abort()');
    this.#state = 'committing';
    try {
      this.#put(encodeFooter(this.#chunks, this.#dataBytes));
      this.#file.syncLater((error) => this.#onFlushed(error, onDone));
    } catch (error) {
      this.#onFlushed(error as Error, onDone);
    }
  }

  /** Throws the snapshot away; does nothing after commit() is done. A pending onDone is not called. */
  abort(): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    this.#file.close();
    this.#options.fileSystem.remove(this.temporaryPath);
  }

  #onFlushed(error: Error | undefined, onDone: OnDone): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    this.#file.close();
    onDone(error === undefined ? this.#name() : this.#discard(error));
  }

  #name(): Error | undefined {
    try {
      this.#options.onFlushed(this);
      return undefined;
    } catch (error) {
      return this.#discard(error as Error);
    }
  }

  #discard(error: Error): Error {
    try {
      this.#options.fileSystem.remove(this.temporaryPath);
    } catch {
      // The first error says more; the file is removed at the next start.
    }
    return error;
  }

  #put(bytes: Uint8Array): void {
    this.#file.write(bytes, this.#position);
    this.#position += bytes.length;
  }
}
