import { GOOD_LINK } from '../network/link.ts';
import { GOOD_DISK } from '../node/disk.ts';
import type { ClusterSettings } from '../settings.ts';
import type { Fault, Victim } from './cluster.ts';
import { DISK_FAULTS, ROT_FAULTS } from './disk-faults.ts';
import { CLOCK_FAULTS } from './clock-faults.ts';
import { FOLLOWER_SCHEMES } from './follower-schemes.ts';
import { changedUnderFire, LEADER_SCHEMES } from './leader-schemes.ts';
import { MEMBERSHIP_FAULTS, restoreMembership } from './membership-faults.ts';
import { NETWORK_FAULTS } from './network-faults.ts';
import { PAUSE_FAULTS, PROCESS_FAULTS } from './process-faults.ts';

/** Every kind of fault. Which of them a seed may have is a matter of what the cluster claims to survive. */
export const ALL_FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...PAUSE_FAULTS,
  ...DISK_FAULTS,
  ...ROT_FAULTS,
  ...CLOCK_FAULTS,
  ...NETWORK_FAULTS,
  ...MEMBERSHIP_FAULTS,
  ...LEADER_SCHEMES,
  ...FOLLOWER_SCHEMES,
];

/** Chance that a seed leaves a kind of fault out, so that others show undisturbed: some seeds have few. */
const LEFT_OUT = [0.35, 0.35, 0.8];

export interface NemesisOptions {
  readonly settings: ClusterSettings;
  /** Kinds that may strike; all when absent. */
  readonly faults?: readonly Fault[] | undefined;
  /** Numbers of those strikes that happen, the first is 1; all when absent. */
  readonly strikes?: readonly number[] | undefined;
}

/** Strikes at random times with faults of random kinds, and mends everything in the end. */
export class Nemesis {
  readonly #victim: Victim;
  readonly #intervalMs: number;
  readonly #faults: readonly Fault[];
  readonly #strikes: ReadonlySet<number> | undefined;
  readonly #counts = new Map<string, number>();
  readonly #struck: number[] = [];
  #number = 0;
  #isStopped = false;

  constructor(victim: Omit<Victim, 'isOver'>, options: NemesisOptions) {
    this.#victim = { ...victim, isOver: () => this.#isStopped };
    this.#intervalMs = options.settings.faultIntervalMs;
    this.#strikes = options.strikes === undefined ? undefined : new Set(options.strikes);
    const { faults = ALL_FAULTS } = options;
    // Who names some wants to see those.
    const leftOut = faults.length < ALL_FAULTS.length ? 0 : victim.random.pick(LEFT_OUT);
    this.#faults = faults
      .filter(() => !victim.random.chance(leftOut))
      .filter((fault) => isSurvived(fault, options.settings));
  }

  /** How often each kind struck. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Numbers of the strikes that found something to break. */
  get struck(): readonly number[] {
    return this.#struck;
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
      node.disk.fileSystem.isFull = false;
      node.disk.mend();
      node.disk.giveUpWaiting();
      node.clock.rate = 1;
      node.process?.consensus.resume();
      node.process?.service.resume();
      if (node.process === undefined) node.start();
    }
    restoreMembership(this.#victim);
  }

  /** Each strike has random numbers of its own: leaving one out does not change the others. */
  #strike(): void {
    this.#number += 1;
    const number = this.#number;
    const random = this.#victim.random.fork(`strike ${number}`);
    if (this.#strikes?.has(number) === false) return;
    const fault = pickFault(this.#faults, random.next());
    if (fault === undefined || !fault.strike({ ...this.#victim, random })) return;
    this.#struck.push(number);
    this.#counts.set(fault.name, (this.#counts.get(fault.name) ?? 0) + 1);
  }
}

function pickFault(faults: readonly Fault[], at: number): Fault | undefined {
  const total = faults.reduce((sum, { weight }) => sum + weight, 0);
  let left = at * total;
  return faults.find(({ weight }) => (left -= weight) < 0);
}

/** Leases need clocks that run, and what was acknowledged by disks that rot must not be counted on. */
function isSurvived(fault: Fault, { leaseReads, rotsDisks }: ClusterSettings): boolean {
  const isOf = (kinds: readonly Fault[]): boolean => kinds.includes(fault);
  if (isOf(ROT_FAULTS) && !rotsDisks) return false;
  if (rotsDisks && (isOf(MEMBERSHIP_FAULTS) || fault === changedUnderFire)) return false;
  return !(leaseReads && (isOf(CLOCK_FAULTS) || isOf(PAUSE_FAULTS)));
}
