import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import { RehearsedNode } from './rehearsed-node.ts';
import { Stage } from './stage.ts';

const MEMBERS = [1, 2, 3].map((id) => ({ id, host: 'rehearsal', port: id }));
/** After which somebody is elected for certain. */
const TICKS_MAX = 4 * LIMITS.electionTicksMin;

/**
 * Plays out changes of leadership among three nodes that exist in memory only, and throws them away. What runs
 * when a leader is lost hardly ever runs, so the first time would be when it counts, and V8 would interpret
 * each function of it slowly, not knowing yet what it is used with.
 *
 * @param changes by turns a leader that hands over and one that is lost
 * @returns how many of them brought another leader
 */
export function rehearse(changes: number): number {
  const rehearsal = new Rehearsal();
  let done = 0;
  for (let change = 0; change < changes; change += 1) {
    const hasChanged = change % 2 === 0 ? rehearsal.handOver() : rehearsal.lose();
    if (hasChanged) done += 1;
  }
  rehearsal.end();
  return done;
}

class Rehearsal {
  readonly #stage = new Stage();
  readonly #nodes = MEMBERS.map(({ id }) => new RehearsedNode(id, MEMBERS, this.#stage));

  constructor() {
    for (const node of this.#nodes) this.#withOthers(node, (other) => node.connect(other));
  }

  /** @returns whether another node leads then, here and below */
  handOver(): boolean {
    const leader = this.#untilLed();
    const successor = this.#nodes.find((node) => node !== leader)!;
    this.#writeEverywhere();
    leader.driver.onTransferWanted(successor.driver.id);
    this.#writeEverywhere();
    this.#stage.run();
    return this.#untilLed() !== leader;
  }

  lose(): boolean {
    const leader = this.#untilLed();
    this.#writeEverywhere();
    this.#withOthers(leader, (other) => other.disconnect(leader));
    this.#writeEverywhere();
    this.#stage.run();
    this.#withOthers(leader, (other) => leader.disconnect(other));
    const successor = this.#untilLed(MEMBERS.length - 1);
    this.#withOthers(leader, (other) => {
      leader.connect(other);
      other.connect(leader);
    });
    return successor !== leader;
  }

  end(): void {
    for (const node of this.#nodes) node.end();
  }

  /** Lets time pass until so many nodes serve under one leader. */
  #untilLed(count = MEMBERS.length): RehearsedNode {
    for (let tick = 0; tick < TICKS_MAX; tick += 1) {
      this.#stage.run();
      const leader = this.#leaderOf(count);
      if (leader !== undefined) return leader;
      for (const node of this.#nodes) node.driver.tick();
      this.#stage.pass(LIMITS.tickMs);
    }
    assert(false, 'three nodes elect a leader');
  }

  #leaderOf(count: number): RehearsedNode | undefined {
    const newest = Math.max(...this.#nodes.map(({ term }) => term));
    const current = this.#nodes.filter(({ term, isServing }) => term === newest && isServing);
    return current.length < count ? undefined : current.find(({ isLeader }) => isLeader);
  }

  #writeEverywhere(): void {
    for (const node of this.#nodes) node.write();
  }

  #withOthers(node: RehearsedNode, action: (other: RehearsedNode) => void): void {
    for (const other of this.#nodes) if (other !== node) action(other);
  }
}
