import type { RandomSource } from '@bellwether/simulator';
import type { Change } from '@bellwether/simulator/oracle';
import { EPHEMERALS_MAX, PENDING_MAX } from '../limits.ts';
import type { Asker } from './asker.ts';
import type { Paths } from './paths.ts';

/** One program that uses the cluster: it does a little of everything, by whatever library it has. */
export class ChaosClient {
  readonly id: number;
  readonly asker: Asker;
  readonly #paths: Paths;
  readonly #random: RandomSource;
  readonly #intervalMs: number;
  readonly #versions = new Map<string, number>();
  #ephemerals: string[] = [];
  #values = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** Answers of the last round that are still to come; undefined before it has begun. */
  #answersLeft: number | undefined;

  constructor(
    id: number,
    asker: Asker,
    options: { readonly paths: Paths; readonly random: RandomSource; readonly intervalMs: number },
  ) {
    this.id = id;
    this.asker = asker;
    this.#paths = options.paths;
    this.#random = options.random;
    this.#intervalMs = options.intervalMs;
  }

  start(): void {
    const delayMs = this.#random.exponential(this.#intervalMs);
    this.#timer = setTimeout(() => {
      if (this.#isStopped) return;
      const count = this.#random.pick([1, 1, 2, 4]);
      for (let i = 0; i < count; i++) this.#act();
      this.start();
    }, delayMs);
  }

  /** The program is gone. Its session has to end by itself. */
  abandon(): void {
    this.#stop();
    this.asker.abandon(this.#random.pick(['closed', 'silent']));
  }

  /** Nothing more of its own accord. */
  #stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * To be called again and again once all is well: reads everything once more when what it had asked for
   * is answered.
   *
   * @returns what it still waits for; undefined when it has all
   */
  finish(): string | undefined {
    this.#stop();
    if (this.#answersLeft === 0) return undefined;
    const { asker } = this;
    const who = `client ${this.id} (${asker.kind})`;
    if (!asker.isOpen) {
      this.#answersLeft = undefined;
      return `${who} has no connection`;
    }
    if (asker.pending === 0) this.#readAll();
    return `${who} waits for ${asker.pending} answers`;
  }

  #readAll(): void {
    const paths = [...this.#paths.registers, ...this.#paths.flags];
    this.#answersLeft = this.#paths.registers.length;
    for (const path of paths) {
      const isRegister = this.#paths.registers.includes(path);
      this.asker.readNewest(path, () => {
        if (isRegister && this.#answersLeft !== undefined) this.#answersLeft -= 1;
      });
    }
    this.asker.list(this.#paths.ephemerals, 'none');
  }

  // --- its own accord ---

  #act(): void {
    if (!this.asker.isOpen || this.asker.pending > PENDING_MAX) return;
    const at = this.#random.next();
    if (at < 0.22) this.#set();
    else if (at < 0.3) this.#compareAndSet();
    else if (at < 0.38) this.#setTwo();
    else if (at < 0.46) this.#toggleFlag();
    else if (at < 0.54) this.#enqueue();
    else if (at < 0.62) this.#changeEphemerals();
    else if (at < 0.77) this.#read(this.#random.pick(this.#paths.registers));
    else if (at < 0.85) this.#readNewest(this.#random.pick(this.#paths.registers));
    else if (at < 0.91) this.asker.list(this.#paths.ephemerals, this.#watchOrNot(0.5));
    else if (at < 0.96) this.#watchFlag();
    else if (at < 0.963) this.#renew();
    else this.#read(this.#random.pick(this.#paths.flags));
  }

  #set(): void {
    this.asker.write([this.#change('set', this.#random.pick(this.#paths.registers))]);
  }

  /** With the version that it has seen last, which may be outdated. */
  #compareAndSet(): void {
    const path = this.#random.pick(this.#paths.registers);
    const expectedVersion = this.#versions.get(path) ?? 0;
    this.asker.write([{ ...this.#change('set', path), expectedVersion }]);
  }

  #setTwo(): void {
    const [a, b] = this.#random.shuffled(this.#paths.registers) as [string, string];
    const first = this.#change('set', a);
    this.asker.write([first, { ...first, path: b }]);
  }

  #toggleFlag(): void {
    const action = this.#random.pick(['create', 'delete'] as const);
    this.asker.write([this.#change(action, this.#random.pick(this.#paths.flags))]);
  }

  #enqueue(): void {
    this.asker.write([
      { ...this.#change('create', `${this.#paths.queue}/n-`), kind: 'sequential' },
    ]);
  }

  #changeEphemerals(): void {
    const mayDelete = this.#ephemerals.length >= EPHEMERALS_MAX || this.#random.chance(0.2);
    const path = mayDelete ? this.#ephemerals.shift() : undefined;
    if (path !== undefined) return this.asker.write([this.#change('delete', path)]);
    const change = this.#change('create', '');
    const own = `${this.#paths.ephemerals}/${change.value}`;
    this.#ephemerals.push(own);
    this.asker.write([{ ...change, path: own, kind: 'ephemeral' }]);
  }

  #read(path: string): void {
    this.asker.read(path, this.#watchOrNot(0.3), (version) => this.#versions.set(path, version));
  }

  #readNewest(path: string): void {
    this.asker.readNewest(path, (version) => this.#versions.set(path, version));
  }

  #watchFlag(): void {
    if (this.asker.canWatch) this.asker.exists(this.#random.pick(this.#paths.flags));
  }

  #renew(): void {
    this.#ephemerals = [];
    this.asker.renew();
  }

  #watchOrNot(probability: number): 'watch' | 'none' {
    return this.asker.canWatch && this.#random.chance(probability) ? 'watch' : 'none';
  }

  #change(action: Change['action'], path: string): Change {
    const value = action === 'delete' ? '' : `c${this.id}-${++this.#values}`;
    return { action, path, value, expectedVersion: -1, kind: 'persistent' };
  }
}
