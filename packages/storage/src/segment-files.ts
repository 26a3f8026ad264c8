import type { File, FileSystem, OnDone } from './file-system.ts';
import { SEGMENT_HEADER_BYTES, segmentName } from './format.ts';
import { Segment } from './segment.ts';
import { encodeSegmentHeader, type Owner } from './segment-header.ts';

/**
 * Makes new segments: header and full size under a temporary name, flushed, renamed, directory
 * flushed. The size is set in advance since a write that makes a file longer takes another journal
 * write to become durable; a file of holes does as well as one filled with zeros.
 */
export class SegmentFiles {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #owner: Owner;
  readonly #segmentBytes: number;

  constructor(fileSystem: FileSystem, directory: string, owner: Owner, segmentBytes: number) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#owner = owner;
    this.#segmentBytes = segmentBytes;
  }

  /** Blocks until the segment is durable. */
  create(sequence: number): Segment {
    const file = this.#write(sequence);
    file.sync();
    return this.#name(sequence, file);
  }

  /** Makes the segment while writes go on; blocks only for the directory. */
  createLater(sequence: number, onDone: (error?: Error, segment?: Segment) => void): void {
    const file = this.#write(sequence);
    const onFlushed: OnDone = (error) => {
      if (error !== undefined) return onDone(error);
      let segment: Segment;
      try {
        segment = this.#name(sequence, file);
      } catch (thrown) {
        return onDone(thrown as Error);
      }
      onDone(undefined, segment);
    };
    file.syncLater(onFlushed);
  }

  #write(sequence: number): File {
    const file = this.#fileSystem.open(this.#temporaryPath(sequence), 'create');
    file.write(encodeSegmentHeader(this.#owner, sequence), 0);
    file.truncate(this.#segmentBytes);
    return file;
  }

  #name(sequence: number, file: File): Segment {
    const path = `${this.#directory}/${segmentName(sequence)}`;
    this.#fileSystem.rename(this.#temporaryPath(sequence), path);
    this.#fileSystem.syncDirectory(this.#directory);
    file.close();
    const segment = new Segment(this.#fileSystem, path, sequence, SEGMENT_HEADER_BYTES);
    segment.useFile(this.#fileSystem.open(path, 'readWrite'));
    return segment;
  }

  #temporaryPath(sequence: number): string {
    return `${this.#directory}/log-${sequence}.tmp`;
  }
}
