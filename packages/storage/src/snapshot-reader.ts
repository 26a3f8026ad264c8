import type { SnapshotMetadata } from '@bellwether/raft';
import { corruptSnapshotError, readError } from './errors.ts';
import type { File, FileSystem } from './file-system.ts';
import { viewOf } from './format.ts';
import {
  CHUNK_HEADER_BYTES,
  chunkCrc,
  decodeFooter,
  decodeSnapshotHeader,
  FOOTER_BYTES,
  SNAPSHOT_HEADER_BYTES_MAX,
  SNAPSHOT_MAGIC,
  SNAPSHOT_PREFIX_BYTES,
  type SnapshotFooter,
} from './snapshot-format.ts';

/**
 * Reads one snapshot file; goes on to work when the file is replaced or removed meanwhile. Every
 * method throws `corruptSnapshot` with file and offset when something is damaged.
 */
export class SnapshotReader {
  readonly metadata: SnapshotMetadata;
  /** Data of all chunks. */
  readonly bytes: number;
  readonly #path: string;
  readonly #file: File;
  readonly #chunks: number;
  readonly #end: number;
  #chunk = 0;
  #position: number;

  private constructor(path: string, file: File, clusterId: string) {
    this.#path = path;
    this.#file = file;
    const header = this.#readHeader();
    this.metadata = decodeSnapshotHeader(header, path, clusterId);
    const footer = this.#readFooter(header.length);
    this.bytes = footer.dataBytes;
    this.#chunks = footer.chunks;
    this.#end = file.size() - FOOTER_BYTES;
    this.#position = header.length;
  }

  /** Opens and checks header, footer and size. */
  static open(fileSystem: FileSystem, path: string, clusterId: string): SnapshotReader {
    const file = fileSystem.open(path, 'read');
    try {
      return new SnapshotReader(path, file, clusterId);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** The next chunk, the caller's own; undefined after the last. */
  readChunk(): Uint8Array | undefined {
    if (this.#chunk === this.#chunks) return this.#checkEnd();
    const at = this.#position;
    const header = this.#readAt(at, CHUNK_HEADER_BYTES);
    const view = viewOf(header);
    const length = view.getUint32(4, true);
    if (at + CHUNK_HEADER_BYTES + length > this.#end)
      throw this.#damaged(at, 'a chunk is too long');
    const data = this.#readAt(at + CHUNK_HEADER_BYTES, length);
    if (
      view.getUint32(8, true) !== this.#chunk ||
      view.getUint32(0, true) !== chunkCrc(header, data)
    ) {
      throw this.#damaged(at, `chunk ${this.#chunk} does not match its checksum`);
    }
    this.#chunk += 1;
    this.#position = at + CHUNK_HEADER_BYTES + length;
    return data;
  }

  close(): void {
    this.#file.close();
  }

  #checkEnd(): undefined {
    if (this.#position === this.#end) return undefined;
    throw this.#damaged(this.#position, 'there is more behind the last chunk');
  }

  #readHeader(): Uint8Array {
    const prefix = this.#readAt(0, SNAPSHOT_PREFIX_BYTES);
    const magic = Buffer.from(prefix).toString('latin1', 0, SNAPSHOT_MAGIC.length);
    const length = viewOf(prefix).getUint32(12, true);
    if (magic !== SNAPSHOT_MAGIC) throw this.#damaged(0, 'this is not a snapshot');
    if (length < SNAPSHOT_PREFIX_BYTES + 22 || length > SNAPSHOT_HEADER_BYTES_MAX) {
      throw this.#damaged(12, 'the length of the header is impossible');
    }
    return this.#readAt(0, length);
  }

  #readFooter(headerBytes: number): SnapshotFooter {
    const at = this.#file.size() - FOOTER_BYTES;
    const footer = at < headerBytes ? undefined : decodeFooter(this.#readAt(at, FOOTER_BYTES));
    if (footer === undefined) throw this.#damaged(Math.max(0, at), 'the footer is not whole');
    const size = headerBytes + footer.chunks * CHUNK_HEADER_BYTES + footer.dataBytes;
    if (size !== at)
      throw this.#damaged(at, 'the file does not have the size that the footer says');
    return footer;
  }

  #readAt(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (this.#read(bytes, position) === length) return bytes;
    throw this.#damaged(position, 'the file ends too early');
  }

  #read(bytes: Uint8Array, position: number): number {
    try {
      return this.#file.read(bytes, position);
    } catch (error) {
      throw readError(this.#path, position, error);
    }
  }

  #damaged(offset: number, what: string): Error {
    return corruptSnapshotError(this.#path, offset, what);
  }
}
