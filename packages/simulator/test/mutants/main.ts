import { parseArgs } from 'node:util';
import { CANARY, HARMLESS, MUTANTS } from './catalogue.ts';
import { SURVIVORS } from './survivors.ts';
import type { Mutant } from './mutant.ts';
import { tryMutant, type Verdict } from './workbench.ts';

const USAGE = `Puts known bugs into a copy of the packages, one at a time, and lets the simulator find them.

  npm run proof:mutants
  npm run proof:mutants -- --only NAME[,NAME...]

  --only NAMES     these bugs, not all
  --seeds N        look at N seeds at most for each, not at as many as the bug is allowed
  --jobs N         so many bugs at once (2)
  --list           say which bugs there are
  --survivors      the bugs that were not found so far

Exit code 1 when a bug is not found, when the canary lives, or when something is found where nothing is wrong.`;

const PROGRESS_INTERVAL_MS = 5_000;

interface Row {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
  readonly seconds: number;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function isRight({ mutant, verdict }: Row): boolean {
  if (mutant === HARMLESS) return verdict.kind === 'survived';
  return verdict.kind === 'caught';
}

function lineOf(row: Row): string {
  const { mutant, verdict, seconds } = row;
  const by =
    verdict.kind === 'caught'
      ? verdict.by
      : verdict.kind === 'stuck'
        ? 'NOT CAUGHT: a seed does not come to its end'
        : mutant === HARMLESS
          ? 'nothing, as it should be'
          : 'NOT CAUGHT';
  const mark = isRight(row) ? ' ' : '!';
  const seeds = `${verdict.seeds}/${mutant.seedsMax}`;
  return `${mark} ${mutant.name.padEnd(32)} ${seeds.padStart(9)} ${seconds.toFixed(1).padStart(7)} s  ${by}`;
}

async function tryOne(mutant: Mutant, seedsMax: number | undefined): Promise<Row> {
  const startedMs = performance.now();
  let toldMs = startedMs;
  const verdict = await tryMutant(mutant, seedsMax ?? mutant.seedsMax, (seed) => {
    if (performance.now() - toldMs < PROGRESS_INTERVAL_MS) return;
    toldMs = performance.now();
    process.stderr.write(`  ${mutant.name}: ${seed} seeds have passed\n`);
  });
  return { mutant, verdict, seconds: (performance.now() - startedMs) / 1000 };
}

async function tryAll(mutants: readonly Mutant[], jobs: number, seeds: number | undefined) {
  const rows: Row[] = [];
  const waiting = [...mutants];
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const row = await tryOne(mutant, seeds);
      rows.push(row);
      say(lineOf(row));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return rows;
}

function chosen(only: string | undefined, survivors: boolean | undefined): readonly Mutant[] {
  if (survivors === true) return SURVIVORS;
  if (only === undefined) return [CANARY, HARMLESS, ...MUTANTS];
  const all = [CANARY, HARMLESS, ...MUTANTS, ...SURVIVORS];
  return only.split(',').map((name) => {
    const found = all.find((mutant) => mutant.name === name);
    if (found === undefined) throw new Error(`there is no bug "${name}"; see --list`);
    return found;
  });
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      seeds: { type: 'string' },
      jobs: { type: 'string' },
      list: { type: 'boolean' },
      survivors: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const mutants = chosen(values.only, values.survivors);
  if (values.help === true) say(USAGE);
  else if (values.list === true) for (const { name, what } of mutants) say(`${name}: ${what}`);
  else {
    say(`  ${'bug'.padEnd(32)} ${'seeds/max'.padStart(9)} ${'time'.padStart(9)}  caught by`);
    const seeds = values.seeds === undefined ? undefined : Number(values.seeds);
    const rows = await tryAll(mutants, Number(values.jobs ?? '2'), seeds);
    const wrong = rows.filter((row) => !isRight(row));
    const bugs = rows.length - rows.filter(({ mutant }) => mutant === HARMLESS).length;
    say(`${bugs} bugs, ${wrong.length} not as they should be`);
    return wrong.length === 0 ? 0 : 1;
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
