import { Violation } from '../invariants/violation.ts';
import type { SimulationResult } from '../simulate.ts';
import { encodeReplay } from './replay.ts';

const LINES_SHOWN = 25;

/** A run in which something did not hold. Its message says what, and how to see it again. */
export class SimulationError extends Error {
  readonly seed: number;
  /** Which check found it, for instance `stateMachine.results`. */
  readonly check: string;
  /** For `simulate({ ..., replay })`, or BELLWETHER_REPLAY in the environment. */
  readonly replay: string;

  /**
   * @param found the run in which it was found
   * @param smaller one that fails in the same way
   * @param searched runs that it took to find the smaller one
   */
  constructor(found: SimulationResult, smaller: SimulationResult, searched: number) {
    const { failure, seed, nodes, safetyMs, clients, strikes } = smaller;
    const replay = encodeReplay({ seed, nodes, safetyMs, clients, strikes });
    const cause = failure?.error;
    const faults = [...smaller.faults].map(([name, count]) => `${count} x ${name}`).join(', ');
    super(
      [
        `seed ${found.seed}: ${cause?.message}`,
        `smallest run that fails like this, of ${searched + 1}: ${nodes} nodes, ${clients} clients, ` +
          `${safetyMs} ms, faults: ${faults === '' ? 'none' : faults}`,
        ...(failure?.recent.slice(-LINES_SHOWN) ?? []).map((line) => `  ${line}`),
        ...(failure?.nodes ?? []).map((line) => `  ${line}`),
        `replay it: simulate({ ..., replay: '${replay}' }), or BELLWETHER_REPLAY='${replay}' before the command`,
      ].join('\n'),
      { cause },
    );
    this.name = 'SimulationError';
    this.seed = found.seed;
    this.check = cause instanceof Violation ? cause.invariant : (cause?.name ?? '');
    this.replay = replay;
  }
}
