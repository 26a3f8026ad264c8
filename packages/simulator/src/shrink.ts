import { Violation } from './invariants/violation.ts';
import { simulate, type SimulationOptions, type SimulationResult } from './simulate.ts';

/** Runs that a search may take. */
const RUNS_MAX = 150;

/** What was found, and how to see it again. */
export interface Shrunk {
  readonly options: SimulationOptions;
  readonly result: SimulationResult;
  readonly runs: number;
}

/** What went wrong, so that another run can be told to have gone wrong in the same way. */
function kindOf({ failure }: SimulationResult): string | undefined {
  if (failure === undefined) return undefined;
  const { error } = failure;
  if (error instanceof Violation) return error.invariant;
  return `${error.name} ${error.message.replaceAll(/\d+/g, 'N')}`;
}

/**
 * Looks for a smaller run that fails in the same way: shorter, with fewer nodes, fewer clients and fewer
 * strikes of the nemesis.
 *
 * @param failed a run of `options` that failed
 * @param run simulates; replaced in tests
 */
export function shrink(
  options: SimulationOptions,
  failed: SimulationResult,
  run: (options: SimulationOptions) => SimulationResult = simulate,
): Shrunk {
  const search = new Search(options, failed, run);
  search.withFewerNodes();
  search.withFewerClients();
  search.shorten();
  search.withFewerStrikes();
  search.shorten();
  return search.smallest;
}

class Search {
  readonly #kind: string | undefined;
  readonly #run: (options: SimulationOptions) => SimulationResult;
  #options: SimulationOptions;
  #result: SimulationResult;
  #runs = 0;

  constructor(
    options: SimulationOptions,
    failed: SimulationResult,
    run: (options: SimulationOptions) => SimulationResult,
  ) {
    this.#kind = kindOf(failed);
    this.#run = run;
    this.#options = options;
    this.#result = failed;
  }

  get smallest(): Shrunk {
    return { options: this.#options, result: this.#result, runs: this.#runs };
  }

  /** The phase with faults ends sooner. */
  shorten(): void {
    const atMs = Math.ceil(this.#result.failure?.atMs ?? 0);
    const { safetyMs } = this.#result;
    if (atMs < safetyMs) this.#accept({ safetyMs: atMs });
    for (const share of [0.25, 0.5, 0.75]) {
      const shorter = Math.ceil(this.#result.safetyMs * share);
      if (this.#accept({ safetyMs: shorter })) return;
    }
  }

  withFewerNodes(): void {
    for (let nodes = 1; nodes < this.#result.nodes; nodes++) {
      if (nodes % 2 === 1 && this.#accept({ nodes })) return;
    }
  }

  withFewerClients(): void {
    for (let clients = 1; clients < this.#result.clients; clients++) {
      if (this.#accept({ clients })) return;
    }
  }

  /** Leaves out halves, quarters and so on, as long as it fails (Zeller's delta debugging). */
  withFewerStrikes(): void {
    if (this.#accept({ strikes: [] })) return;
    let parts = 2;
    while (parts <= this.#result.strikes.length) {
      const { strikes } = this.#result;
      const size = Math.ceil(strikes.length / parts);
      const isSmaller = Array.from({ length: parts }, (_, part) => part).some((part) =>
        this.#accept({ strikes: strikes.toSpliced(part * size, size) }),
      );
      if (isSmaller) parts = Math.max(2, parts - 1);
      else if (size === 1) return;
      else parts *= 2;
    }
  }

  /** Tries it with a change; keeps the change when it still fails in the same way. */
  #accept(change: Partial<SimulationOptions>): boolean {
    if (this.#runs >= RUNS_MAX) return false;
    this.#runs += 1;
    const options = { ...this.#options, ...change };
    const result = this.#run(options);
    if (result.failure === undefined || kindOf(result) !== this.#kind) return false;
    this.#options = options;
    this.#result = result;
    return true;
  }
}
