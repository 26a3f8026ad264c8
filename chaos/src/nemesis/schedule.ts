import type { RandomSource } from '@bellwether/simulator';
import { FAULT_MS_MAX, FAULT_MS_MIN, STRIKE_INTERVAL_MS } from '../limits.ts';
import { FAULTS, type FaultName } from './fault-names.ts';

/** One fault, with all that is decided about it beforehand. */
export interface Strike {
  readonly fault: FaultName;
  /** From the beginning of the round. */
  readonly atMs: number;
  readonly durationMs: number;
  /** Whom it is to hit: whoever leads then, or a node by its id. */
  readonly target: number | 'leader';
  /** All ids in random order: partners, groups, whoever is hit when the target can't be. */
  readonly order: readonly number[];
  /** From 0 to 1: how bad it is. */
  readonly amount: number;
}

/** Of all strikes, so many are meant for whoever leads. */
const AT_LEADER = 0.4;

/** What strikes in one round; the same for the same source of chance. */
export function scheduleOf(
  random: RandomSource,
  faults: readonly FaultName[],
  ids: readonly number[],
  roundMs: number,
): readonly Strike[] {
  const strikes: Strike[] = [];
  for (let atMs = random.exponential(STRIKE_INTERVAL_MS); atMs < roundMs;) {
    strikes.push({
      fault: pickWeighted(random, faults),
      atMs: Math.round(atMs),
      durationMs: Math.round(random.range(FAULT_MS_MIN, FAULT_MS_MAX)),
      target: random.chance(AT_LEADER) ? 'leader' : random.pick(ids),
      order: random.shuffled(ids),
      amount: random.next(),
    });
    atMs += random.exponential(STRIKE_INTERVAL_MS);
  }
  return strikes;
}

function pickWeighted(random: RandomSource, faults: readonly FaultName[]): FaultName {
  const total = faults.reduce((sum, name) => sum + FAULTS[name].weight, 0);
  let at = random.next() * total;
  for (const name of faults) {
    at -= FAULTS[name].weight;
    if (at < 0) return name;
  }
  return faults.at(-1) as FaultName;
}
