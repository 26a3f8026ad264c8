import type { Cluster, CommandContext, RestoreSink, StateMachine } from 'bellwether';
import { CommandRejected, jsonCodec, jsonRestore, jsonSnapshot } from 'bellwether';

/** Bytes as characters 0 to 255, which JSON holds. */
type Binary = string;

export type Command =
  | {
      readonly kind: 'set';
      readonly key: Binary;
      readonly value: Binary;
      /** Absent: for ever. */
      readonly ttlMs?: number;
      readonly only?: 'new' | 'old';
    }
  | { readonly kind: 'delete'; readonly keys: readonly Binary[] }
  | { readonly kind: 'add'; readonly key: Binary; readonly amount: number }
  /** null: for ever. */
  | { readonly kind: 'expire'; readonly key: Binary; readonly ttlMs: number | null }
  | { readonly kind: 'flush' };

/** How many keys were changed; of `add`, the new value. */
export type Result = number;

export interface Query {
  /** Absent: all of them. */
  readonly keys?: readonly Binary[];
  readonly nowMs: number;
}

export interface Entry {
  readonly key: Binary;
  readonly value: Binary;
  /** By the leaders' clock, ms since 1970; null: never. */
  readonly expiresMs: number | null;
}

export type CacheCluster = Cluster<Command, Result, Query, readonly (Entry | undefined)[]>;

/** Beyond it, what was written longest ago goes. */
const ENTRIES_MAX = 100_000;
/** Of the oldest, looked at with each command for what has expired. */
const LOOKED_AT = 4;

/**
 * Keys that may expire. Time is the leader's, as the log has it, so that all nodes agree on what has expired
 * when a command is executed; only reads look at the clock of their node.
 */
export class Cache implements StateMachine<Command, Result, Query, readonly (Entry | undefined)[]> {
  readonly codec = jsonCodec<Command>();
  readonly #entriesMax: number;
  /** In the order of writing. */
  #entries = new Map<Binary, Entry>();

  constructor(entriesMax = ENTRIES_MAX) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  apply(command: Command, { timeMs }: CommandContext): Result {
    this.#dropExpired(timeMs);
    switch (command.kind) {
      case 'set':
        return this.#set(command, timeMs);
      case 'delete':
        return command.keys.filter((key) => this.#delete(key, timeMs)).length;
      case 'add':
        return this.#add(command.key, command.amount, timeMs);
      case 'expire':
        return this.#expire(command.key, command.ttlMs, timeMs);
      case 'flush':
        this.#entries.clear();
        return 0;
    }
  }

  query({ keys, nowMs }: Query): readonly (Entry | undefined)[] {
    if (keys !== undefined) return keys.map((key) => this.#get(key, nowMs));
    return [...this.#entries.values()].filter((entry) => isAlive(entry, nowMs));
  }

  snapshot(): Iterable<Uint8Array> {
    return jsonSnapshot([...this.#entries.values()]);
  }

  restore(): RestoreSink {
    return jsonRestore<Entry[]>((entries) => {
      this.#entries = new Map(entries.map((entry) => [entry.key, entry]));
    });
  }

  #get(key: Binary, nowMs: number): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && isAlive(entry, nowMs) ? entry : undefined;
  }

  #put(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
    if (this.#entries.size <= this.#entriesMax) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest ?? '');
  }

  #set({ key, value, ttlMs, only }: Extract<Command, { kind: 'set' }>, timeMs: number): Result {
    const isThere = this.#get(key, timeMs) !== undefined;
    if (only !== undefined && isThere !== (only === 'old')) return 0;
    this.#put({ key, value, expiresMs: ttlMs === undefined ? null : timeMs + ttlMs });
    return 1;
  }

  #delete(key: Binary, timeMs: number): boolean {
    const isThere = this.#get(key, timeMs) !== undefined;
    this.#entries.delete(key);
    return isThere;
  }

  #add(key: Binary, amount: number, timeMs: number): Result {
    const entry = this.#get(key, timeMs);
    const sum = Number(entry?.value ?? 0) + amount;
    if (!Number.isSafeInteger(sum)) {
      throw new CommandRejected('ERR value is not an integer or out of range');
    }
    this.#put({ key, value: String(sum), expiresMs: entry?.expiresMs ?? null });
    return sum;
  }

  #expire(key: Binary, ttlMs: number | null, timeMs: number): Result {
    const entry = this.#get(key, timeMs);
    if (entry === undefined || (ttlMs === null && entry.expiresMs === null)) return 0;
    this.#entries.set(key, { ...entry, expiresMs: ttlMs === null ? null : timeMs + ttlMs });
    return 1;
  }

  #dropExpired(timeMs: number): void {
    let looked = 0;
    for (const [key, entry] of this.#entries) {
      if (looked >= LOOKED_AT) return;
      looked += 1;
      if (!isAlive(entry, timeMs)) this.#entries.delete(key);
    }
  }
}

const isAlive = ({ expiresMs }: Entry, nowMs: number): boolean =>
  expiresMs === null || expiresMs > nowMs;
