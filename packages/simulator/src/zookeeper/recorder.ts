import type {
  EventRecord,
  HistoryRecord,
  ReadRecord,
  SessionRecord,
  WriteRecord,
} from '../oracle/history.ts';
import type { World } from '../world.ts';

type Part<T> = Omit<T, 'client' | 'endedMs'>;

/** Writes down what one client hears, in the order in which it hears it. */
export class Recorder {
  readonly #world: World;
  readonly #records: HistoryRecord[];
  readonly #client: number;
  readonly counts = { done: 0, failed: 0, indeterminate: 0 };

  constructor(world: World, records: HistoryRecord[], client: number) {
    this.#world = world;
    this.#records = records;
    this.#client = client;
  }

  get nowMs(): number {
    return this.#world.nowMs;
  }

  write(record: Part<WriteRecord>): void {
    this.counts[record.outcome] += 1;
    this.#records.push({ ...record, ...this.#ending });
    const parts = record.changes.map(({ action, path, value }) => `${action} ${path} ${value}`);
    const outcome = record.outcome === 'done' ? `${record.error} @${record.zxid}` : record.outcome;
    this.#world.note(`client ${this.#client} ${parts.join(', ')}: ${outcome}`);
  }

  read(record: Part<ReadRecord>): void {
    this.counts.done += 1;
    this.#records.push({ ...record, ...this.#ending });
    const { path, seen, children, zxid } = record;
    const what = children?.length ?? seen?.value ?? 'none';
    this.#world.note(`client ${this.#client} reads ${path}: ${what} @${zxid}`);
  }

  /** A read that was not answered did nothing. */
  readLost(): void {
    this.counts.failed += 1;
  }

  event(record: Part<EventRecord>): void {
    this.#records.push({ ...record, ...this.#ending });
    this.#world.note(`client ${this.#client} event ${record.path}`);
  }

  session(record: Part<SessionRecord>): void {
    this.#records.push({ ...record, ...this.#ending });
    this.#world.note(`client ${this.#client} session ${record.session} ${record.what}`);
  }

  get #ending(): { readonly client: number; readonly endedMs: number } {
    return { client: this.#client, endedMs: this.#world.nowMs };
  }
}
