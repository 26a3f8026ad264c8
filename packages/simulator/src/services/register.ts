import type { CommittedBatch, Leadership } from '@bellwether/cluster';
import type { LogIndex } from '@bellwether/raft';
import { hashBytes } from '../random.ts';
import type { SimulatedService } from '../application.ts';

const RECORDS_KEPT = 100;
const RECORDS_PER_CHUNK = 12;

/**
 * The smallest state machine that shows every mistake: an append-only register that remembers a
 * running hash of all it was ever given, in order, and the newest records themselves.
 */
export class Register implements SimulatedService {
  #appliedIndex: LogIndex = 0;
  #count = 0;
  #hash = 0;
  #records: string[] = [];
  #chunks: string[] = [];

  digest(): string {
    const tail = hashBytes(Buffer.from(this.#records.join('\n')));
    return `${this.#appliedIndex}:${this.#count}:${this.#hash.toString(16)}:${tail.toString(16)}`;
  }

  onCommitted(batch: CommittedBatch): void {
    while (batch.next()) this.#apply(batch);
  }

  onLeadership(leadership: Leadership): void {
    void leadership;
  }

  onReadIndex(): void {}

  onMembersOutcome(): void {}

  onMessage(): void {}

  beginSnapshot(): Iterator<Uint8Array> {
    return chunksOf(this.#count, this.#hash, [...this.#records]);
  }

  onOutcomesUnknown(): void {}

  onRestoreBegin(): void {
    this.#appliedIndex = 0;
    this.#count = 0;
    this.#hash = 0;
    this.#records = [];
    this.#chunks = [];
  }

  onRestoreChunk(chunk: Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk).toString());
  }

  onRestoreEnd(appliedIndex: LogIndex): void {
    const [head, ...rest] = this.#chunks.map((chunk) => JSON.parse(chunk) as unknown);
    const { count, hash } = head as { count: number; hash: number };
    this.#appliedIndex = appliedIndex;
    this.#count = count;
    this.#hash = hash;
    this.#records = (rest as string[][]).flat();
    this.#chunks = [];
  }

  onFatal(error: Error): void {
    throw error;
  }

  #apply(batch: CommittedBatch): void {
    const { index, kind, origin, sequence, timeMs, payload } = batch;
    this.#appliedIndex = index;
    if (kind !== 'command') return;
    const text = Buffer.from(payload).toString('latin1');
    const record = `${index} ${origin} ${sequence} ${timeMs} ${text}`;
    this.#count += 1;
    this.#hash = hashBytes(Buffer.from(record), this.#hash);
    this.#records.push(record);
    if (this.#records.length > 2 * RECORDS_KEPT) this.#records.splice(0, RECORDS_KEPT);
  }
}

/** Works on copies: what is applied meanwhile does not show. */
function* chunksOf(
  count: number,
  hash: number,
  records: readonly string[],
): Generator<Uint8Array, void> {
  yield Buffer.from(JSON.stringify({ count, hash }));
  for (let at = 0; at < records.length; at += RECORDS_PER_CHUNK) {
    yield Buffer.from(JSON.stringify(records.slice(at, at + RECORDS_PER_CHUNK)));
  }
}
