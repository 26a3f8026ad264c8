import type { Clients, OperationCounts, Stage } from '../application.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import type { RandomSource } from '../random.ts';
import type { ClusterSettings } from '../settings.ts';
import type { World } from '../world.ts';

/** A client stops proposing while its node has this many of its commands. */
const PENDING_MAX = 150;
const READS_PENDING_MAX = 40;

/** Clients of every node that runs: bursts of commands, and reads. */
export class RegisterClients implements Clients {
  readonly #world: World;
  readonly #settings: ClusterSettings;
  readonly #nodes: readonly SimulatedNode[];
  readonly #random: RandomSource;
  #isStopped = false;
  #proposed = 0;

  constructor({ world, settings, nodes, random }: Stage) {
    this.#world = world;
    this.#settings = settings;
    this.#nodes = nodes;
    this.#random = random;
  }

  /** The invariants count commands themselves: see ExactlyOnce. */
  get counts(): OperationCounts {
    return { done: 0, failed: 0, indeterminate: 0 };
  }

  whatIsStuck(): readonly string[] {
    return [];
  }

  check(): void {}

  start(): void {
    for (const node of this.#nodes) {
      this.#repeat(this.#settings.burstIntervalMs, () => this.#burst(node));
      this.#repeat(this.#settings.readIntervalMs, () => this.#read(node));
    }
  }

  /** Every node that runs proposes and reads once more: what the liveness check waits for. */
  finish(): void {
    this.#isStopped = true;
    for (const node of this.#nodes) {
      this.#burst(node);
      this.#read(node);
    }
  }

  #repeat(intervalMs: number, work: () => void): void {
    this.#world.after(this.#random.exponential(intervalMs), () => {
      if (this.#isStopped) return;
      work();
      this.#repeat(intervalMs, work);
    });
  }

  press(node: SimulatedNode, count: number): void {
    this.#propose(node, count);
    this.#read(node);
  }

  #burst(node: SimulatedNode): void {
    this.#propose(node, this.#random.between(1, this.#settings.burstMax));
  }

  #propose({ process }: SimulatedNode, count: number): void {
    process?.service.run(() => {
      for (let i = 0; i < count; i++) {
        if (process.host.pendingCommands < PENDING_MAX) process.host.propose(this.#payload());
      }
    });
  }

  #read(node: SimulatedNode): void {
    const { process } = node;
    process?.service.run(() => {
      if (process.host.pendingReads < READS_PENDING_MAX) process.host.readIndex();
    });
  }

  #payload(): Uint8Array {
    this.#proposed += 1;
    const text = `c${this.#proposed}`;
    const length = this.#random.between(text.length, this.#settings.payloadBytesMax);
    return Buffer.from(text.padEnd(length, '.'), 'latin1');
  }
}
