import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { applyPatch, type Mutant } from './mutant.ts';
import type { Report, Task } from './runner.ts';

const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));
const RUNNER = join(ROOT, 'packages/simulator/test/mutants/runner.ts');
const COPIED = new Set(['src', 'dist', 'package.json']);
/** A seed takes a fraction of a second; one that takes so long goes round in circles. */
const SEED_SECONDS_MAX = 300;

/** What came of a bug. */
export type Verdict =
  | { readonly kind: 'caught'; readonly seeds: number; readonly by: string; readonly why: string }
  | { readonly kind: 'survived'; readonly seeds: number }
  | { readonly kind: 'stuck'; readonly seeds: number };

/** A seed that showed a bug. */
export type Catch = Extract<Report, { readonly kind: 'caught' }>;

/** The sources with nothing wrong, below `packages/`. */
export function originalSource(file: string): string {
  return readFileSync(join(ROOT, 'packages', file), 'utf8');
}

/** Every changed file with all of its patches in it. */
export function patchedSources({ patches }: Mutant): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const patch of patches) {
    const source = sources.get(patch.file) ?? originalSource(patch.file);
    sources.set(patch.file, applyPatch(source, patch));
  }
  return sources;
}

/**
 * A copy of all packages that the simulator is made of, in a directory of its own: bugs are built into
 * the copy, one after the other, and never come near what is published. The compiler checks them as it
 * checks everything, and builds again only what a bug has changed.
 */
export class Workbench {
  readonly #directory = mkdtempSync(join(tmpdir(), 'bellwether-mutant-'));
  /** Files that have a bug in them. */
  #changed: readonly string[] = [];

  constructor() {
    const packages = readdirSync(join(ROOT, 'packages'));
    for (const name of packages) this.#copyPackage(name);
    cpSync(join(ROOT, 'tsconfig.base.json'), join(this.#directory, 'tsconfig.base.json'));
    const modules = join(this.#directory, 'node_modules');
    mkdirSync(join(modules, '@bellwether'), { recursive: true });
    for (const name of packages) {
      const target = name === 'bellwether' ? name : join('@bellwether', name);
      symlinkSync(join(this.#directory, 'packages', name), join(modules, target));
    }
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      if (name.startsWith('.') || name === '@bellwether' || name === 'bellwether') continue;
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    }
    this.#addRunner();
  }

  /** Where the packages are. */
  get packages(): string {
    return join(this.#directory, 'packages');
  }

  /** Builds the bug in, in the place of the one before. Throws with what the compiler says. */
  async build(mutant: Mutant): Promise<void> {
    for (const file of this.#changed) this.#write(file, originalSource(file));
    const sources = patchedSources(mutant);
    for (const [file, source] of sources) this.#write(file, source);
    this.#changed = [...sources.keys()];
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    try {
      await promisify(execFile)(process.execPath, [tsc, '-b', join(this.#directory, 'runner')]);
    } catch (error) {
      const { stdout } = error as { stdout?: string };
      const what = `${mutant.name} can't be compiled:\n${stdout ?? String(error)}`;
      throw new Error(what, { cause: error });
    }
  }

  /** Runs what was built, seed after seed, until one shows the bug; `onSeed` hears of each that passed. */
  async run(
    { application = 'register', faults }: Mutant,
    seedsMax: number,
    onSeed: (seed: number) => void,
  ): Promise<Verdict> {
    const child = this.#spawn({ seedsMax, application, faults, until: 'first' });
    let seeds = 0;
    for await (const report of reportsOf(child)) {
      if (report === 'stuck') return { kind: 'stuck', seeds: seeds + 1 };
      seeds = report.seed;
      if (report.kind === 'caught') return { ...report, seeds };
      onSeed(seeds);
    }
    if (seeds === seedsMax) return { kind: 'survived', seeds };
    throw new Error(`the runner ended with ${child.exitCode} after seed ${seeds}`);
  }

  /** Runs what was built with all of the seeds; returns those that showed the bug. */
  async runAll(
    mutant: Mutant,
    seedsMax: number,
    faults = mutant.faults,
  ): Promise<readonly Catch[]> {
    const { application = 'register' } = mutant;
    const found: Catch[] = [];
    const task = { seedsMax, application, until: 'all', faults } as const;
    for await (const report of reportsOf(this.#spawn(task))) {
      if (report !== 'stuck' && report.kind === 'caught') found.push(report);
    }
    return found;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #spawn(task: Task): ChildProcess {
    const runner = join(this.#directory, 'runner/dist/runner.js');
    const args = [runner, JSON.stringify(task)];
    return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  #write(file: string, source: string): void {
    writeFileSync(join(this.#directory, 'packages', file), source);
  }

  #copyPackage(name: string): void {
    const from = join(ROOT, 'packages', name);
    const to = join(this.#directory, 'packages', name);
    for (const item of readdirSync(from)) {
      if (COPIED.has(item)) {
        cpSync(join(from, item), join(to, item), { recursive: true, preserveTimestamps: true });
      }
    }
  }

  #addRunner(): void {
    const directory = join(this.#directory, 'runner');
    mkdirSync(directory);
    cpSync(RUNNER, join(directory, 'runner.ts'));
    const config = {
      extends: '../tsconfig.base.json',
      compilerOptions: { rootDir: '.', outDir: 'dist', types: ['node'] },
      references: [{ path: '../packages/simulator/src' }],
    };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module' }));
  }
}

/** What the runner says, line by line, and 'stuck' when a seed does not come to its end. */
async function* reportsOf(child: ChildProcess): AsyncGenerator<Report | 'stuck'> {
  const { stdout } = child;
  if (stdout === null) throw new Error('the runner speaks to us');
  const ended = new Promise((resolve) => child.once('close', resolve));
  // Seconds in which this process ran, too: both may be stopped for a while.
  let seconds = 0;
  let isStuck = false;
  const timer = setInterval(() => {
    isStuck = ++seconds > SEED_SECONDS_MAX;
    if (isStuck) child.kill('SIGKILL');
  }, 1_000);
  try {
    for await (const line of createInterface({ input: stdout })) {
      seconds = 0;
      yield JSON.parse(line) as Report;
    }
    await ended;
    if (isStuck) yield 'stuck';
  } finally {
    clearInterval(timer);
    child.kill('SIGKILL');
  }
}

/** Builds a bug in and runs it, and cleans up. */
export async function tryMutant(mutant: Mutant, seedsMax = mutant.seedsMax): Promise<Verdict> {
  const workbench = new Workbench();
  try {
    await workbench.build(mutant);
    return await workbench.run(mutant, seedsMax, () => {});
  } finally {
    workbench.remove();
  }
}

function rootAbove(directory: string): string {
  if (existsSync(join(directory, 'tsconfig.base.json'))) return directory;
  const above = dirname(directory);
  if (above === directory) throw new Error('the root of the repository is not above this file');
  return rootAbove(above);
}
