import { setTimeout as sleep } from 'node:timers/promises';
import { STRIKES_MAX } from '../limits.ts';
import type { ChaosCluster } from '../nodes/chaos-cluster.ts';
import type { ChaosNode } from '../nodes/chaos-node.ts';
import * as decreed from './decreed-faults.ts';
import type { FaultName } from './fault-names.ts';
import * as inner from './inner-faults.ts';
import * as network from './network-faults.ts';
import * as processes from './process-faults.ts';
import type { Begin, Heal } from './scene.ts';
import type { Strike } from './schedule.ts';

const BEGIN: Readonly<Record<FaultName, Begin>> = {
  ...processes,
  ...network,
  ...inner,
  ...decreed,
};

/** Faults that can't be had here, each with the reason. */
export function missingFaults({
  clocks,
  network: net,
}: ChaosCluster): ReadonlyMap<FaultName, string> {
  const missing = new Map<FaultName, string>();
  if (clocks === undefined) missing.set('clock', 'libfaketime is not installed');
  if (net.slowing === undefined) missing.set('slowLink', 'the kernel has neither netem nor tbf');
  return missing;
}

/** Strikes as the schedule says, and heals in the end. */
export class Nemesis {
  /** How often each fault struck. */
  readonly struck = new Map<FaultName, number>();
  /** Strikes that found nobody to hit, or too many others under way. */
  skipped = 0;
  /** What went wrong with the striking itself. */
  readonly problems: string[] = [];
  readonly #cluster: ChaosCluster;
  readonly #onStrike: (strike: Strike, node: ChaosNode) => void;
  readonly #active = new Set<Promise<void>>();
  readonly #wakeUp = new AbortController();

  constructor(cluster: ChaosCluster, onStrike: (strike: Strike, node: ChaosNode) => void) {
    this.#cluster = cluster;
    this.#onStrike = onStrike;
  }

  /** Resolves when the time for faults is over and each is healed. */
  async run(schedule: readonly Strike[], roundMs: number): Promise<void> {
    const startedMs = performance.now();
    const leftMs = (untilMs: number): number => startedMs + untilMs - performance.now();
    for (const strike of schedule) {
      await sleep(Math.max(0, leftMs(strike.atMs)));
      if (this.#active.size >= STRIKES_MAX) this.skipped += 1;
      else this.#launch(strike);
    }
    await sleep(Math.max(0, leftMs(roundMs)));
    this.#wakeUp.abort();
    await Promise.all(this.#active);
  }

  #launch(strike: Strike): void {
    const active = this.#strike(strike).catch((error: unknown) => {
      this.problems.push(`${strike.fault}: ${String(error)}`);
    });
    this.#active.add(active);
    void active.then(() => this.#active.delete(active));
  }

  async #strike(strike: Strike): Promise<void> {
    const node = await this.#victimOf(strike);
    if (node === undefined) {
      this.skipped += 1;
      return;
    }
    this.struck.set(strike.fault, (this.struck.get(strike.fault) ?? 0) + 1);
    this.#onStrike(strike, node);
    const startedMs = performance.now();
    const isOver = (): boolean => this.#wakeUp.signal.aborted;
    const heal: Heal = await BEGIN[strike.fault]({ cluster: this.#cluster, strike, node, isOver });
    const restMs = Math.max(0, startedMs + strike.durationMs - performance.now());
    await sleep(restMs, undefined, { signal: this.#wakeUp.signal }).catch(() => undefined);
    await heal();
  }

  /** A node whose process runs: the one that is meant, or the first of the others. */
  async #victimOf({ target, order }: Strike): Promise<ChaosNode | undefined> {
    const meant =
      target === 'leader' ? await this.#cluster.findLeader() : this.#cluster.node(target);
    if (meant?.isRunning === true) return meant;
    return order.map((id) => this.#cluster.node(id)).find(({ isRunning }) => isRunning);
  }
}
