// `npm run simulate:recipes`: many seeds, one after the other.
import { parseArgs } from 'node:util';
import { simulateRecipes, type RecipeRun } from './recipe-simulation.ts';

const USAGE = `Runs the client's recipes in the simulator, one seed after the other.

usage: npm run simulate:recipes -- [options]
  --seed N        the first seed (default 1); the only one, unless --seeds says how many
  --seeds N       how many (default 1)
  --minutes N     no more are begun after that
  --nodes N       servers (default 3)
  --clients N     clients, each of which plays every recipe (default 4)
  --safety-ms N   length of the phase with faults, in virtual time (default 4000)
  --log           every line of the event log
  --help          this text`;

const PROGRESS_INTERVAL_MS = 10_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function add(total: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [name, count] of counts) total.set(name, (total.get(name) ?? 0) + count);
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
}

function describeFailure({ seed, wrong, recent }: RecipeRun, again: string): void {
  say(`seed ${seed} failed; again: npm run simulate:recipes -- --seed ${seed} ${again}`);
  for (const line of recent) say(`  ${line}`);
  for (const what of wrong) say(`WRONG ${what}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      minutes: { type: 'string', default: 'Infinity' },
      nodes: { type: 'string', default: '3' },
      clients: { type: 'string', default: '4' },
      'safety-ms': { type: 'string', default: '4000' },
      log: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const [nodes, clients, safetyMs] = [values.nodes, values.clients, values['safety-ms']].map(
    Number,
  );
  const first = Number(values.seed);
  const untilMs = performance.now() + Number(values.minutes) * 60_000;
  const again = `--nodes ${nodes} --clients ${clients} --safety-ms ${safetyMs}`;
  const [steps, faults] = [new Map<string, number>(), new Map<string, number>()];
  const sums = { runs: 0, failed: 0, sessions: 0, refused: 0, events: 0 };
  let toldMs = performance.now();
  for (let seed = first; seed < first + Number(values.seeds); seed++) {
    if (performance.now() > untilMs) break;
    const onLine = values.log ? { onLine: say } : {};
    const run = await simulateRecipes({
      seed,
      nodes: nodes!,
      clients: clients!,
      safetyMs: safetyMs!,
      ...onLine,
    });
    sums.runs++;
    sums.sessions += run.sessions - clients!;
    sums.refused += run.refused;
    sums.events += run.events;
    add(steps, run.steps);
    add(faults, run.faults);
    if (run.wrong.length > 0) {
      sums.failed++;
      describeFailure(run, again);
    }
    if (performance.now() - toldMs < PROGRESS_INTERVAL_MS) continue;
    toldMs = performance.now();
    say(`${sums.runs} runs, ${sums.failed} failed`);
  }
  const { runs, failed, sessions, refused, events } = sums;
  say(`${runs} runs, ${failed} failed; ${events} events, ${sessions} sessions lost`);
  say(`steps: ${list(steps)}; ${refused} claims refused by token`);
  say(`faults: ${list(faults)}`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
