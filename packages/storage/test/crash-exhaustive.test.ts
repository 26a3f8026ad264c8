/*
 * At every operation of a scenario the power is cut, and everything that was not flushed then may have
 * reached the disk or not: each sector, each size, each name on its own, in any combination. Where there
 * are few of them all combinations are tried, otherwise a sample. `STORAGE_SUBSETS` sets how many.
 */
import { describe, expect, it, vi } from 'vitest';
import { checkReopened, operationsOfScenario, playUntil } from './crash-scenario.ts';
import { seeded } from './harness.ts';

vi.setConfig({ testTimeout: 600_000 });

/** So many combinations for each operation: all of them where there are no more. */
const SUBSETS_MAX = Number(process.env['STORAGE_SUBSETS'] ?? '64');
/** More undecided than that are never all tried. */
const EXHAUSTIVE_MAX = Math.log2(SUBSETS_MAX);

/** Decides by the bits of a number, and counts how often it is asked. */
class Decisions {
  asked = 0;
  readonly #decide: (at: number) => boolean;

  constructor(decide: (at: number) => boolean) {
    this.#decide = decide;
  }

  /** Below a half: it has reached the disk. */
  readonly next = (): number => (this.#decide(this.asked++) ? 0 : 1);
}

function* combinations(undecided: number, seed: number): Generator<(at: number) => boolean> {
  if (undecided <= EXHAUSTIVE_MAX) {
    for (let bits = 0; bits < 2 ** undecided; bits++) yield (at) => ((bits >> at) & 1) === 1;
    return;
  }
  yield () => false;
  yield () => true;
  // Every prefix is a permitted order of its own: what was written first got there, the rest did not.
  for (let length = 1; length < undecided && length <= SUBSETS_MAX / 4; length++) {
    yield (at) => at < length;
  }
  const random = seeded(seed);
  for (let sample = 0; sample < SUBSETS_MAX / 2; sample++) yield () => random() < 0.5;
}

describe('a power cut at every operation', () => {
  it('leaves what was acknowledged, whichever of the unflushed writes have reached the disk', () => {
    const total = operationsOfScenario();
    let tried = 0;
    let exhausted = 0;
    for (let operation = 1; operation <= total; operation++) {
      const [{ disk }, scenario] = playUntil(operation, operation);
      const counting = new Decisions(() => true);
      disk.copy({ random: counting.next }).crash();
      const undecided = counting.asked;
      if (undecided <= EXHAUSTIVE_MAX) exhausted++;
      for (const decide of combinations(undecided, operation)) {
        const copy = disk.copy({ random: new Decisions(decide).next });
        copy.crash();
        checkReopened(copy, scenario, `operation ${operation}, combination ${tried}`);
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(5 * total);
    expect(exhausted, `of ${total}`).toBeGreaterThan(total / 3);
  });
});
