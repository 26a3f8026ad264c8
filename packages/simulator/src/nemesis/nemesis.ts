import { GOOD_LINK } from '../network/link.ts';
import { GOOD_DISK } from '../node/disk.ts';
import type { Fault, Victim } from './cluster.ts';
import { MACHINE_FAULTS } from './machine-faults.ts';
import { MEMBERSHIP_FAULTS, restoreMembership } from './membership-faults.ts';
import { NETWORK_FAULTS } from './network-faults.ts';
import { PROCESS_FAULTS } from './process-faults.ts';

export const ALL_FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...MACHINE_FAULTS,
  ...NETWORK_FAULTS,
  ...MEMBERSHIP_FAULTS,
];

/** Chance that a seed leaves a kind of fault out, so that others show undisturbed. */
const LEFT_OUT = 0.35;

/** Strikes at random times with faults of random kinds, and mends everything in the end. */
export class Nemesis {
  readonly #victim: Victim;
  readonly #intervalMs: number;
  readonly #faults: readonly Fault[];
  readonly #counts = new Map<string, number>();
  #isStopped = false;

  constructor(victim: Victim, intervalMs: number, faults: readonly Fault[] = ALL_FAULTS) {
    this.#victim = victim;
    this.#intervalMs = intervalMs;
    const chosen = faults.filter(() => !victim.random.chance(LEFT_OUT));
    this.#faults = chosen.length > 0 ? chosen : faults;
  }

  /** How often each kind struck. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  start(): void {
    this.#victim.world.after(this.#victim.random.exponential(this.#intervalMs), () => {
      if (this.#isStopped) return;
      this.#strike();
      this.start();
    });
  }

  /** No more faults; what is broken is mended, who is down is started. */
  healAll(): void {
    this.#isStopped = true;
    const { world, network, nodes } = this.#victim;
    world.note('everything heals');
    for (const link of network.links()) {
      link.heal();
      link.quality = GOOD_LINK;
    }
    for (const node of nodes) {
      node.disk.speed = GOOD_DISK;
      node.clock.rate = 1;
      node.process?.consensus.resume();
      node.process?.service.resume();
      if (node.process === undefined) node.start();
    }
    restoreMembership(this.#victim);
  }

  #strike(): void {
    const fault = this.#pick();
    if (fault === undefined || !fault.strike(this.#victim)) return;
    this.#counts.set(fault.name, (this.#counts.get(fault.name) ?? 0) + 1);
  }

  #pick(): Fault | undefined {
    const total = this.#faults.reduce((sum, { weight }) => sum + weight, 0);
    let at = this.#victim.random.range(0, total);
    return this.#faults.find(({ weight }) => (at -= weight) < 0);
  }
}
