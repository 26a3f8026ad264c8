import type { Client } from '../client.ts';
import { ClientError } from '../errors.ts';
import { waitFor, waitForChange, type WaitOptions } from './support/patience.ts';
import { readOrNull, updateData } from './support/versioned.ts';

const INT_MIN = -0x8000_0000;
const INT_MAX = 0x7fff_ffff;
const INT_BYTES = 4;
const LONG_BYTES = 8;

/** Whose counters know the number. */
export type CounterLayout = 'kazoo' | 'curator' | 'curatorAtomicLong';

/** What a counter can be told. */
export interface CounterOptions {
  /**
   * How the number is written: `kazoo`, in decimal digits; `curator`, as SharedCount does, in 4
   * bytes; `curatorAtomicLong`, as DistributedAtomicLong does, in 8. No number is beyond the safe
   * integers of JavaScript. Default: `kazoo`.
   */
  readonly layout?: CounterLayout;
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
  readonly #layout: CounterLayout;

  /** @param path a znode that is made by the first change; until then the number is 0 */
  constructor(client: Client, path: string, options: CounterOptions = {}) {
    this.#client = client;
    this.#path = path;
    this.#layout = options.layout ?? 'kazoo';
  }

  /** The number, as this client's server knows it. */
  value(options: WaitOptions = {}): Promise<number> {
    return waitFor(this.#client, options, async (signal) => {
      const found = await readOrNull(this.#client, this.#path, signal);
      return this.#decode(found?.data);
    });
  }

  /** Adds, and resolves with the number after that. */
  async add(delta = 1, options: WaitOptions = {}): Promise<number> {
    let after = 0;
    await this.#update((before) => (after = this.#decode(before) + delta), options);
    return after;
  }

  /** Sets the number, whatever it was. */
  async set(value: number, options: WaitOptions = {}): Promise<void> {
    await this.#update(() => value, options);
  }

  #update(change: (before: Buffer | undefined) => number, options: WaitOptions): Promise<unknown> {
    const encoded = (before: Buffer | undefined): Uint8Array | string =>
      this.#encode(change(before));
    return waitForChange(this.#client, options, (signal) =>
      updateData(this.#client, this.#path, encoded, signal),
    );
  }

  #decode(data: Buffer | undefined): number {
    if (data === undefined || data.length === 0) return 0;
    const value = this.#read(data);
    if (Number.isSafeInteger(value)) return value;
    throw this.#mistake(`holds no number: ${JSON.stringify(data.toString())}`);
  }

  #encode(value: number): Uint8Array | string {
    if (!Number.isSafeInteger(value)) throw this.#mistake(`cannot hold ${value}`);
    if (this.#layout === 'kazoo') return String(value);
    const isLong = this.#layout === 'curatorAtomicLong';
    const bytes = Buffer.alloc(isLong ? LONG_BYTES : INT_BYTES);
    if (isLong) {
      bytes.writeBigInt64BE(BigInt(value));
    } else {
      if (value < INT_MIN || value > INT_MAX) throw this.#mistake(`cannot hold ${value}`);
      bytes.writeInt32BE(value);
    }
    return bytes;
  }

  #read(data: Buffer): number {
    if (this.#layout === 'kazoo') return Number(data.toString());
    if (this.#layout === 'curator') return data.length === INT_BYTES ? data.readInt32BE() : NaN;
    return data.length === LONG_BYTES ? Number(data.readBigInt64BE()) : NaN;
  }

  #mistake(what: string): ClientError {
    return new ClientError('badArguments', { path: this.#path, message: `${this.#path} ${what}` });
  }
}
