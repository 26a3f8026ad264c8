import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { CANARY, HARMLESS, MUTANTS } from './catalogue.ts';
import type { Mutant } from './mutant.ts';
import { type Catch, type Verdict, Workbench } from './workbench.ts';

const USAGE = `Puts known bugs into a copy of the packages, one at a time, and lets the simulator find them.

  npm run proof:mutants
  npm run proof:mutants -- --only NAME[,NAME...]

  --only NAMES     these bugs, not all
  --seeds N        look at N seeds at most for each, not at as many as the bug is allowed
  --rate N         look at N seeds of each whatever they show, and say how many show it
  --faults NAMES   with --rate: only faults of these kinds strike
  --jobs N         so many bugs at once (as many as there are cores)
  --list           say which bugs there are

Exit code 1 when a bug is not found, when the canary lives, or when something is found where nothing is wrong.`;

const PROGRESS_INTERVAL_MS = 10_000;

interface Row {
  readonly mutant: Mutant;
  readonly verdict: Verdict | Unbuilt;
  readonly seconds: number;
}

/** Its sources can't be compiled any more: what the compiler says. */
interface Unbuilt {
  readonly kind: 'unbuilt';
  readonly seeds: 0;
  readonly why: string;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function isRight({ mutant, verdict }: Row): boolean {
  if (HARMLESS.includes(mutant)) return verdict.kind === 'survived';
  return verdict.kind === 'caught';
}

function lineOf(row: Row): string {
  const { mutant, verdict, seconds } = row;
  const mark = isRight(row) ? ' ' : '!';
  const seeds = `${verdict.seeds}/${mutant.seedsMax}`;
  const faults = mutant.faults === undefined ? '' : ` (${mutant.faults.join(', ')})`;
  return `${mark} ${mutant.name.padEnd(34)} ${seeds.padStart(9)} ${seconds.toFixed(1).padStart(7)} s  ${outcomeOf(row)}${faults}`;
}

function outcomeOf({ mutant, verdict }: Row): string {
  switch (verdict.kind) {
    case 'caught':
      return verdict.by;
    case 'stuck':
      return 'NOT CAUGHT: a seed does not come to its end';
    case 'unbuilt':
      return `NOT TRIED: ${verdict.why}`;
    case 'survived':
      return HARMLESS.includes(mutant) ? 'nothing, as it should be' : 'NOT CAUGHT';
    default:
      return verdict satisfies never;
  }
}

/** In how many seeds a bug shows, and as what: to choose how many it is allowed. */
function rateLine({ name }: Mutant, seeds: number, found: readonly Catch[]): string {
  const counts = new Map<string, number>();
  for (const { by } of found) counts.set(by, (counts.get(by) ?? 0) + 1);
  const by = [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
  const first = found[0] === undefined ? '' : `, first ${found[0].seed}`;
  return `  ${name.padEnd(34)} ${found.length}/${seeds}${first}: ${by}`;
}

type Work = (workbench: Workbench, mutant: Mutant) => Promise<void>;

/** Each of `jobs` takes the next bug when it is done with one; those that may take longest come first. */
async function forEach(mutants: readonly Mutant[], jobs: number, work: Work): Promise<void> {
  const waiting = mutants.toSorted((a, b) => b.seedsMax - a.seedsMax);
  const worker = async (): Promise<void> => {
    const workbench = new Workbench();
    try {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        await work(workbench, mutant);
      }
    } finally {
      workbench.remove();
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

async function tryOne(workbench: Workbench, mutant: Mutant, seedsMax: number): Promise<Row> {
  const startedMs = performance.now();
  let toldMs = startedMs;
  const secondsNow = (): number => (performance.now() - startedMs) / 1000;
  const why = await reasonNotToBuild(workbench, mutant);
  if (why !== undefined) {
    return { mutant, verdict: { kind: 'unbuilt', seeds: 0, why }, seconds: secondsNow() };
  }
  const verdict = await workbench.run(mutant, seedsMax, (seed) => {
    if (performance.now() - toldMs < PROGRESS_INTERVAL_MS) return;
    toldMs = performance.now();
    process.stderr.write(`  ${mutant.name}: ${seed} seeds have passed\n`);
  });
  return { mutant, verdict, seconds: secondsNow() };
}

async function reasonNotToBuild(workbench: Workbench, mutant: Mutant): Promise<string | undefined> {
  try {
    await workbench.build(mutant);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Returns the exit code. */
async function tryAll(
  mutants: readonly Mutant[],
  jobs: number,
  seeds: number | undefined,
): Promise<number> {
  const rows: Row[] = [];
  say(`  ${'bug'.padEnd(34)} ${'seeds/max'.padStart(9)} ${'time'.padStart(9)}  caught by`);
  await forEach(mutants, jobs, async (workbench, mutant) => {
    const row = await tryOne(workbench, mutant, seeds ?? mutant.seedsMax);
    rows.push(row);
    say(lineOf(row));
  });
  const wrong = rows.filter((row) => !isRight(row));
  const bugs = mutants.filter((mutant) => !HARMLESS.includes(mutant)).length;
  say(`${bugs} bugs, ${wrong.length} not as they should be`);
  return wrong.length === 0 ? 0 : 1;
}

async function rateAll(
  mutants: readonly Mutant[],
  jobs: number,
  { seeds, faults }: { readonly seeds: number; readonly faults: readonly string[] | undefined },
): Promise<number> {
  await forEach(mutants, jobs, async (workbench, mutant) => {
    await workbench.build(mutant);
    say(rateLine(mutant, seeds, await workbench.runAll(mutant, seeds, faults)));
  });
  return 0;
}

function chosen(only: string | undefined): readonly Mutant[] {
  const all = [CANARY, ...HARMLESS, ...MUTANTS];
  if (only === undefined) return all;
  return only.split(',').map((name) => {
    const found = all.find((mutant) => mutant.name === name);
    if (found === undefined) throw new Error(`there is no bug "${name}"; see --list`);
    return found;
  });
}

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      seeds: { type: 'string' },
      rate: { type: 'string' },
      faults: { type: 'string' },
      jobs: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const mutants = chosen(values.only);
  const jobs = numberOf(values.jobs) ?? availableParallelism();
  const seeds = numberOf(values.rate);
  const faults = values.faults?.split(',');
  if (values.help === true) say(USAGE);
  else if (values.list === true) for (const { name, what } of mutants) say(`${name}: ${what}`);
  else if (seeds !== undefined) return rateAll(mutants, jobs, { seeds, faults });
  else return tryAll(mutants, jobs, numberOf(values.seeds));
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
