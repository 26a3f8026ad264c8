import { JuteWriter } from '@bellwether/protocol';
import { assert } from './assert.ts';
import { SNAPSHOT_CHUNK_BYTES_MAX } from './limits.ts';
import { ChunkKind } from './snapshot-records.ts';

/** Cuts a sequence of records into chunks that are not too long. */
export class SnapshotChunks {
  /** The next record is written here, then `commit` is called. */
  readonly record = new JuteWriter(4096);
  private readonly chunk: JuteWriter;
  private readonly bytesMax: number;
  private readonly ready: Uint8Array[] = [];

  /** @param bytesMax of a chunk: SNAPSHOT_CHUNK_BYTES_MAX, or less to be given more of them */
  constructor(bytesMax: number) {
    assert(bytesMax > 1 && bytesMax <= SNAPSHOT_CHUNK_BYTES_MAX, 'chunks are within their limit');
    this.bytesMax = bytesMax;
    this.chunk = new JuteWriter(bytesMax);
    this.chunk.writeByte(ChunkKind.records);
  }

  /** Takes over the record that was written. */
  commit(): void {
    const record = this.record.view();
    if (this.chunk.length + record.length > this.bytesMax) this.flush();
    if (record.length > this.bytesMax - 1) this.cut(record);
    else this.chunk.writeRaw(record);
    this.record.reset();
  }

  /** Makes a chunk of what has come since the last one. */
  flush(): void {
    if (this.chunk.length === 1) return;
    this.ready.push(this.chunk.copy());
    this.chunk.truncate(1);
  }

  /** The oldest chunk that is full, or was flushed. */
  next(): Uint8Array | undefined {
    return this.ready.shift();
  }

  get hasReady(): boolean {
    return this.ready.length > 0;
  }

  private cut(record: Uint8Array): void {
    const pieceBytes = this.bytesMax - 1;
    for (let from = 0; from < record.length; from += pieceBytes) {
      const to = Math.min(record.length, from + pieceBytes);
      const piece = new Uint8Array(to - from + 1);
      piece[0] = to === record.length ? ChunkKind.lastPiece : ChunkKind.piece;
      piece.set(record.subarray(from, to), 1);
      this.ready.push(piece);
    }
  }
}
