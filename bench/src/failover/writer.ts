import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { REOPEN_PAUSE_MS } from '../limits.ts';
import type { Content, Register } from './register.ts';

/** The longest time between two acknowledged writes, and when it began. */
export interface Gap {
  readonly ms: number;
  readonly beganMs: number;
}

/**
 * Writes one register, one write after the other, and holds every answer against what must come: the
 * version counts the writes, so it tells at once when one was lost or applied twice.
 */
export class Writer {
  readonly #register: Register;
  readonly #acknowledgedAtMs: number[] = [];
  readonly #failures: string[] = [];
  #isStopping = false;
  #done: Promise<void> | undefined;
  #written = 0;
  /** Value and version of the newest write that was acknowledged. */
  #newest: Content | undefined;
  /** Failed writes since then: each may have been applied. */
  #unknown = 0;
  #doubled = 0;
  #lost = 0;

  constructor(register: Register) {
    this.#register = register;
  }

  get acknowledged(): number {
    return this.#acknowledgedAtMs.length;
  }

  /** What went wrong with the writes that failed. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  /** Writes that were applied more often than they were sent. */
  get doubled(): number {
    return this.#doubled;
  }

  /** Writes that were acknowledged and are gone. */
  get lost(): number {
    return this.#lost;
  }

  /** Connects and writes on and on until `stop`. */
  async start(): Promise<void> {
    await this.#register.open();
    this.#done = this.#run();
  }

  /** Ends after the write under way. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#done;
    this.#register.close();
  }

  /** Of the gaps that end after `fromMs` and begin before `toMs`; one that has not ended lasts until now. */
  longestGap(fromMs: number, toMs = Infinity): Gap {
    const times = [...this.#acknowledgedAtMs, performance.now()];
    let longest: Gap = { ms: 0, beganMs: fromMs };
    for (let i = 1; i < times.length; i += 1) {
      const beganMs = times[i - 1]!;
      const ms = times[i]! - beganMs;
      const isWithin = times[i]! > fromMs && beganMs < toMs;
      if (isWithin && ms > longest.ms) longest = { ms, beganMs };
    }
    return longest;
  }

  /** Whether a write was acknowledged after `fromMs`. */
  hasAcknowledgedSince(fromMs: number): boolean {
    return (this.#acknowledgedAtMs.at(-1) ?? 0) > fromMs;
  }

  /** Holds what a server says at the end against what was acknowledged. */
  check(content: Content): void {
    const newest = this.#newest;
    if (newest === undefined) return;
    this.#compare(content.version, newest.version, newest.version + this.#unknown);
    const isNewest = content.version === newest.version;
    if (isNewest && content.value !== newest.value) this.#lost += 1;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      this.#written += 1;
      const value = `write ${this.#written}`;
      try {
        this.#onAcknowledged(value, await this.#register.write(value));
      } catch (error) {
        this.#failures.push((error as Error).message);
        this.#unknown += 1;
        await this.#reopen();
      }
    }
  }

  #onAcknowledged(value: string, version: number): void {
    this.#acknowledgedAtMs.push(performance.now());
    const before = this.#newest?.version;
    if (before !== undefined) this.#compare(version, before + 1, before + 1 + this.#unknown);
    this.#newest = { value, version };
    this.#unknown = 0;
  }

  #compare(version: number, min: number, max: number): void {
    if (version < min) this.#lost += min - version;
    if (version > max) this.#doubled += version - max;
  }

  async #reopen(): Promise<void> {
    while (!this.#isStopping) {
      await sleep(REOPEN_PAUSE_MS);
      try {
        return await this.#register.open();
      } catch {
        // The server has no leader yet: the next attempt comes soon.
      }
    }
  }
}
