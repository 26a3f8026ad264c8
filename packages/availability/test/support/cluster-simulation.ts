import type { Scenario } from '../../src/scenario.ts';
import { exponentialFrom } from './random.ts';

/**
 * The cluster once more, by brute force: single nodes with names, played event by event. It shares nothing
 * with the chain but the scenario.
 */
interface Node {
  readonly isElectable: boolean;
  zone: number;
  role: 'voter' | 'learner';
  condition: 'up' | 'failed' | 'maintenance';
}

export interface Played {
  /** Parts of the time, one of each batch. */
  readonly noQuorum: readonly number[];
  readonly leaderLossesPerMs: Readonly<Record<'node' | 'zone' | 'maintenance', number>>;
  readonly quorumLossesPerMs: number;
}

interface Event {
  readonly rate: number;
  readonly happen: () => 'node' | 'zone' | 'maintenance' | 'mend';
}

export class ClusterSimulation {
  readonly #scenario: Scenario;
  readonly #random: () => number;
  readonly #nodes: Node[] = [];
  readonly #zoneDown: boolean[];
  #leader: Node | undefined;

  constructor(scenario: Scenario, random: () => number) {
    this.#scenario = scenario;
    this.#random = random;
    const { members, zones } = scenario;
    this.#zoneDown = new Array<boolean>(zones.count).fill(false);
    for (let i = 0; i < members.voters; i++) {
      const isElectable = i < members.electable;
      // Those that may lead and the others go round the zones, each beginning with the first.
      const zone = isElectable ? i % zones.count : i % zones.count;
      this.#nodes.push({ isElectable, zone, role: 'voter', condition: 'up' });
    }
    for (let i = 0; i < members.spares; i++) {
      this.#nodes.push({ isElectable: true, zone: -1, role: 'learner', condition: 'up' });
    }
    this.#elect();
  }

  play(batches: number, batchMs: number): Played {
    const noQuorum = new Array<number>(batches).fill(0);
    const losses = { node: 0, zone: 0, maintenance: 0 };
    let quorumLosses = 0;
    const endMs = batches * batchMs;
    for (let nowMs = 0; nowMs < endMs;) {
      const events = this.#events();
      const total = events.reduce((sum, { rate }) => sum + rate, 0);
      const untilMs = Math.min(endMs, nowMs + exponentialFrom(this.#random, 1 / total));
      const had = this.#hasQuorum();
      if (!had) addSpan(noQuorum, batchMs, nowMs, untilMs);
      nowMs = untilMs;
      let pick = this.#random() * total;
      const cause = (events.find(({ rate }) => (pick -= rate) <= 0) ?? events[0]!).happen();
      const has = this.#hasQuorum();
      if (had && !has) quorumLosses += 1;
      if (had && has && cause !== 'mend' && !this.#takesPart(this.#leader!)) losses[cause] += 1;
      if (has && (this.#leader === undefined || !this.#takesPart(this.#leader))) this.#elect();
      if (!has) this.#leader = undefined;
    }
    return {
      noQuorum: noQuorum.map((downMs) => downMs / batchMs),
      leaderLossesPerMs: {
        node: losses.node / endMs,
        zone: losses.zone / endMs,
        maintenance: losses.maintenance / endMs,
      },
      quorumLossesPerMs: quorumLosses / endMs,
    };
  }

  #takesPart(node: Node): boolean {
    return node.role === 'voter' && node.condition === 'up' && this.#zoneDown[node.zone] !== true;
  }

  #hasQuorum(): boolean {
    const taking = this.#nodes.filter((node) => this.#takesPart(node));
    const isMajority = taking.length * 2 > this.#scenario.members.voters;
    return isMajority && taking.some(({ isElectable }) => isElectable);
  }

  #elect(): void {
    const able = this.#nodes.filter((node) => this.#takesPart(node) && node.isElectable);
    this.#leader = able[Math.floor(this.#random() * able.length)];
  }

  #events(): readonly Event[] {
    const { failures, zones, maintenance, members } = this.#scenario;
    const events: Event[] = [];
    const failed = this.#nodes.filter(({ condition }) => condition === 'failed');
    for (const node of this.#nodes) {
      if (node.condition !== 'up') continue;
      const happen = (): 'node' => ((node.condition = 'failed'), 'node');
      events.push({ rate: 1 / failures.mtbfMs, happen });
    }
    for (let crew = 0; crew < Math.min(failures.crews, failed.length); crew++) {
      const happen = (): 'mend' => {
        failed[Math.floor(this.#random() * failed.length)]!.condition = 'up';
        return 'mend';
      };
      events.push({ rate: 1 / failures.mttrMs, happen });
    }
    if (zones.mtbfMs < Infinity) {
      for (const [zone, isDown] of this.#zoneDown.entries()) {
        const happen = (): 'mend' | 'zone' => (
          (this.#zoneDown[zone] = !isDown),
          isDown ? 'mend' : 'zone'
        );
        events.push({ rate: 1 / (isDown ? zones.mttrMs : zones.mtbfMs), happen });
      }
    }
    if (maintenance.everyMs < Infinity) events.push(...this.#maintenanceEvents());
    if (members.spares > 0 && this.#hasQuorum()) events.push(...this.#replacementEvents(failed));
    return events;
  }

  #maintenanceEvents(): readonly Event[] {
    const { maintenance } = this.#scenario;
    const busy = this.#nodes.find(({ condition }) => condition === 'maintenance');
    if (busy !== undefined) {
      const happen = (): 'mend' => ((busy.condition = 'up'), 'mend');
      return [{ rate: 1 / maintenance.lastsMs, happen }];
    }
    const voters = this.#nodes.filter(({ role }) => role === 'voter');
    if (voters.some(({ condition }) => condition !== 'up') || this.#zoneDown.includes(true))
      return [];
    return voters.map((node) => ({
      rate: 1 / maintenance.everyMs,
      happen: () => ((node.condition = 'maintenance'), 'maintenance'),
    }));
  }

  /** In each zone one dead voter at a time gives its place to a learner. */
  #replacementEvents(failed: readonly Node[]): readonly Event[] {
    const spare = this.#nodes.find(
      ({ role, condition }) => role === 'learner' && condition === 'up',
    );
    if (spare === undefined) return [];
    return this.#zoneDown.flatMap((isDown, zone) => {
      const dead = failed.find((node) => node.role === 'voter' && node.zone === zone);
      if (isDown || dead === undefined) return [];
      const happen = (): 'mend' => {
        [spare.zone, dead.zone] = [dead.zone, -1];
        [spare.role, dead.role] = ['voter', 'learner'];
        return 'mend';
      };
      return [{ rate: 1 / this.#scenario.members.replaceMs, happen }];
    });
  }
}

function addSpan(batches: number[], batchMs: number, fromMs: number, untilMs: number): void {
  for (let at = fromMs; at < untilMs;) {
    const batch = Math.floor(at / batchMs);
    const end = Math.min(untilMs, (batch + 1) * batchMs);
    batches[batch]! += end - at;
    at = end > at ? end : untilMs;
  }
}
