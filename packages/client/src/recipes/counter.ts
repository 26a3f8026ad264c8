import type { Client } from '../client.ts';
import { ClientError } from '../errors.ts';
import type { Layout } from './support/contender-names.ts';
import { readOrNull, updateData } from './support/versioned.ts';

const INT_MIN = -0x8000_0000;
const INT_MAX = 0x7fff_ffff;
const INT_BYTES = 4;

/** What a counter can be told. */
export interface CounterOptions {
  /**
   * How the number is written: `kazoo`, in decimal digits, any safe integer; `curator`, as
   * SharedCount does, in 4 bytes. Default: `kazoo`.
   */
  readonly layout?: Layout;
}

/**
 * A number that many count up and down.
 *
 * Guarantees: each `add` that resolves is counted once, and its result is the number right after it.
 * When the answer to a write was lost and it cannot be told whether it happened, `add` rejects with
 * `indeterminate`: to add again may count twice.
 *
 * Suspended: operations wait. Lost: they are done in the new session.
 */
export class Counter {
  readonly #client: Client;
  readonly #path: string;
  readonly #layout: Layout;

  /** @param path a znode that is made by the first change; until then the number is 0 */
  constructor(client: Client, path: string, options: CounterOptions = {}) {
    this.#client = client;
    this.#path = path;
    this.#layout = options.layout ?? 'kazoo';
  }

  /** The number, as this client's server knows it. */
  async value(): Promise<number> {
    const found = await readOrNull(this.#client, this.#path);
    return this.#decode(found?.data);
  }

  /** Adds, and resolves with the number after that. */
  async add(delta = 1): Promise<number> {
    let after = 0;
    await updateData(this.#client, this.#path, (before) => {
      after = this.#decode(before) + delta;
      return this.#encode(after);
    });
    return after;
  }

  /** Sets the number, whatever it was. */
  async set(value: number): Promise<void> {
    await updateData(this.#client, this.#path, () => this.#encode(value));
  }

  #decode(data: Buffer | undefined): number {
    if (data === undefined || data.length === 0) return 0;
    const isBinary = this.#layout === 'curator';
    if (isBinary && data.length === INT_BYTES) return data.readInt32BE();
    const value = isBinary ? Number.NaN : Number(data.toString());
    if (Number.isSafeInteger(value)) return value;
    throw this.#mistake(`holds no number: ${JSON.stringify(data.toString())}`);
  }

  #encode(value: number): Uint8Array | string {
    if (!Number.isSafeInteger(value)) throw this.#mistake(`cannot hold ${value}`);
    if (this.#layout === 'kazoo') return String(value);
    if (value < INT_MIN || value > INT_MAX) throw this.#mistake(`cannot hold ${value}`);
    const bytes = Buffer.alloc(INT_BYTES);
    bytes.writeInt32BE(value);
    return bytes;
  }

  #mistake(what: string): ClientError {
    return new ClientError('badArguments', { path: this.#path, message: `${this.#path} ${what}` });
  }
}
