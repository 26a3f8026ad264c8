import type { Checker } from './checker.ts';
import { cleanUp, inspect } from './cleaning.ts';
import { levelSystems } from './level.ts';
import { Divergence, EndOfRound } from './divergence.ts';
import type { Step } from './steps.ts';

/** How a round went. */
export type RoundResult =
  | { readonly kind: 'same' | 'ended'; readonly steps: number }
  | { readonly kind: 'different'; readonly steps: number; readonly divergence: Divergence };

/** Runs the steps from an empty tree, compares what they leave behind, and removes it. */
export async function runRound(checker: Checker, steps: readonly Step[]): Promise<RoundResult> {
  let done = 0;
  let result: RoundResult;
  try {
    for (const step of steps) {
      done += 1;
      await checker.run(step);
    }
    await checker.closeAll();
    await inspect(checker);
    result = { kind: 'same', steps: done };
  } catch (error) {
    if (error instanceof Divergence) result = { kind: 'different', steps: done, divergence: error };
    else if (error instanceof EndOfRound) result = { kind: 'ended', steps: done };
    else throw error;
  }
  await cleanUp(checker, steps.some(changesMembers) ? 'members' : 'tree');
  if (result.kind !== 'same') await levelSystems(checker.hosts);
  checker.begin(result.kind === 'same' ? 'nextRound' : 'afterDivergence');
  return result;
}

function changesMembers(step: Step): boolean {
  return step.kind === 'request' && step.request.op === 'reconfig';
}
