import type { Fault } from './nemesis/cluster.ts';
import { ALL_FAULTS } from './nemesis/nemesis.ts';
import type { RunResult } from './seed-runner.ts';
import type { SimulationResult } from './simulate.ts';

/** Adds up the results of many seeds. */
export class Summary {
  readonly #faults = new Map<string, number>();
  readonly #traffic = new Map<string, number>();
  #failures = 0;
  #seeds = 0;
  #events = 0;
  #virtualMs = 0;
  #elections = 0;
  #done = 0;
  #indeterminate = 0;
  #reads = 0;
  #leaderMs = 0;
  #calmMs = 0;
  readonly #operations = new Map<string, number>();

  get failures(): number {
    return this.#failures;
  }

  add(result: RunResult): void {
    this.#seeds += 1;
    this.#events += result.events;
    this.#virtualMs += result.virtualMs;
    this.#elections += result.elections;
    this.#done += result.commands.done;
    this.#indeterminate += result.commands.indeterminate;
    this.#reads += result.reads;
    this.#leaderMs = Math.max(this.#leaderMs, result.recovery?.leaderMs ?? 0);
    this.#calmMs = Math.max(this.#calmMs, result.recovery?.calmMs ?? 0);
    addAll(this.#operations, Object.entries(result.operations));
    addAll(this.#faults, result.faults);
    addAll(this.#traffic, Object.entries(result.traffic));
    if (result.hasFailed) this.#failures += 1;
  }

  /** One line while it runs. */
  progress(elapsedMs: number): string {
    const rate = Math.round((this.#seeds / elapsedMs) * 60_000);
    return `${this.#seeds} runs, ${this.#failures} failed, ${rate} a minute`;
  }

  /** Everything, for the end. */
  lines(elapsedMs: number): string[] {
    const list = (counts: ReadonlyMap<string, number>): string =>
      [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, n]) => `${name} ${n}`)
        .join(', ');
    const hours = (this.#virtualMs / 3_600_000).toFixed(2);
    return [
      `runs       ${this.progress(elapsedMs)}, ${(elapsedMs / 1000).toFixed(1)} s`,
      `events     ${this.#events} in ${hours} hours of virtual time`,
      `elections  ${this.#elections}`,
      `commands   ${this.#done} done, ${this.#indeterminate} indeterminate`,
      `reads      ${this.#reads}`,
      `clients    ${list(this.#operations)}`,
      `faults     ${list(this.#faults)}`,
      `healed     a leader after ${this.#leaderMs} ms at most, calm after ${this.#calmMs} ms at most`,
      `messages   ${list(this.#traffic)}`,
    ];
  }
}

function addAll(sums: Map<string, number>, counts: Iterable<readonly [string, number]>): void {
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
}

/** Why a seed failed, and how to see it again. */
export function describeFailure(
  result: SimulationResult,
  faults: readonly Fault[] = ALL_FAULTS,
): string[] {
  const { failure, seed, nodes } = result;
  if (failure === undefined) return [];
  const { error, atMs, recent } = failure;
  return [
    ...recent.map((line) => `  ${line}`),
    ...failure.nodes.map((line) => `  ${line}`),
    `seed ${seed} with ${nodes} nodes failed at ${atMs.toFixed(3)} ms: ${error.stack ?? error.message}`,
    `replay: ${replayCommand(result, faults, 'seed')}`,
  ];
}

/** The command that does the same again: by its seed, or with everything that it was reduced to. */
export function replayCommand(
  { seed, nodes, application, safetyMs, clients, strikes }: SimulationResult,
  faults: readonly Fault[] = ALL_FAULTS,
  by: 'seed' | 'all' = 'seed',
): string {
  const parts = [
    `npx bellwether simulate --seed ${seed} --nodes ${nodes} --application ${application}`,
  ];
  if (faults.length < ALL_FAULTS.length) {
    parts.push(`--faults ${faults.map(({ name }) => name).join(',')}`);
  }
  if (by === 'all') {
    const numbers = strikes.length === 0 ? 'none' : strikes.join(',');
    parts.push(`--safety-ms ${safetyMs} --clients ${clients} --strikes ${numbers}`);
  }
  return parts.join(' ');
}
