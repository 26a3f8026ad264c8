/*
 * The snapshot of an embedded state machine, as chunks that are small enough for the log:
 *
 *   first:  'BWSM' | format u8 = 1
 *   others: kind u8 | bytes       kind 1: more of the state machine's chunk follows; 0: its end
 *
 * So a state machine gets its own chunks back, whatever their size.
 */
import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import type { RestoreSink } from '../state-machine.ts';

const HEADER = Uint8Array.of(0x42, 0x57, 0x53, 0x4d, 1);
const END = 0;
const MORE = 1;
const PIECE_BYTES_MAX = LIMITS.snapshotChunkBytesMax - 1;

/**
 * Pulls the first chunk at once, so that a generator that copies its state first does that at the moment of
 * the snapshot, and each further one only when all pieces of the last are taken.
 */
export function frameSnapshot(chunks: Iterable<Uint8Array>): Generator<Uint8Array, void> {
  const iterator = chunks[Symbol.iterator]();
  return piecesOf(iterator, iterator.next());
}

function* piecesOf(
  chunks: Iterator<Uint8Array>,
  first: IteratorResult<Uint8Array>,
): Generator<Uint8Array, void> {
  yield HEADER;
  for (let next = first; next.done !== true; next = chunks.next()) {
    const chunk = next.value;
    assert(chunk instanceof Uint8Array, 'snapshot() yields Uint8Arrays');
    let at = 0;
    do {
      const piece = chunk.subarray(at, at + PIECE_BYTES_MAX);
      at += piece.length;
      const framed = new Uint8Array(piece.length + 1);
      framed[0] = at < chunk.length ? MORE : END;
      framed.set(piece, 1);
      yield framed;
    } while (at < chunk.length);
  }
}

/** Takes the pieces, and gives the sink the chunks. */
export class SnapshotPieces {
  readonly #sink: RestoreSink;
  #hasHeader = false;
  #pieces: Uint8Array[] = [];

  constructor(sink: RestoreSink) {
    this.#sink = sink;
  }

  write(piece: Uint8Array): void {
    if (!this.#hasHeader) return this.#readHeader(piece);
    const isEnd = piece[0] === END;
    this.#pieces.push(piece.subarray(1));
    if (!isEnd) return;
    const [first = new Uint8Array(0), ...rest] = this.#pieces;
    this.#sink.write(rest.length === 0 ? first : Buffer.concat(this.#pieces));
    this.#pieces = [];
  }

  end(): void {
    assert(this.#hasHeader, 'a snapshot has a header');
    assert(this.#pieces.length === 0, 'the last chunk of a snapshot is whole');
    this.#sink.end();
  }

  #readHeader(piece: Uint8Array): void {
    const isOurs = HEADER.every((byte, at) => piece[at] === byte);
    if (!isOurs || piece.length !== HEADER.length) {
      throw new Error('the snapshot was written by another version, or not by a state machine');
    }
    this.#hasHeader = true;
  }
}
