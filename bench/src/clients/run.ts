// `npm run bench:clients`: @bellwether/client beside node-zookeeper-client, the same operations on
// the same server.
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Ensemble } from '../ensemble.ts';
import { findBellwether, findZooKeeper } from '../systems.ts';
import type { Measured, Measurement } from './measure.ts';
import { SUBJECTS, type SubjectName } from './subjects.ts';

const WINDOWS = [1, 100, 1_000];
const OPERATIONS = ['get', 'set'] as const;
const PROCESS_MS_MAX = 120_000;

const USAGE = `Measures @bellwether/client and node-zookeeper-client, one after the other.

usage: npm run bench:clients -- [options]
  --seconds N     length of each measurement (default 3)
  --rounds N      rounds; the table shows medians (default 1)
  --host H:P      measure against this server; otherwise some are started
  --nodes N       so many (default 3)
  --zookeeper     start Apache ZooKeeper, where it is installed, instead of Bellwether
  --help          this text`;

function runProgram(program: string, nodeArgs: readonly string[], argument: string): string {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const args = [...nodeArgs, file, argument];
  return execFileSync(process.execPath, args, { encoding: 'utf8', timeout: PROCESS_MS_MAX });
}

function measure(measurement: Measurement): Measured {
  return JSON.parse(runProgram('measure.js', [], JSON.stringify(measurement))) as Measured;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function compare(host: string, seconds: number, rounds: number): void {
  const most: string[] = [];
  console.log('operation  in flight  client                    ops/s   CPU us/op   ratio of ops/s');
  for (const operation of OPERATIONS) {
    const best = new Map<SubjectName, number>();
    for (const window of WINDOWS) {
      const rates = new Map<SubjectName, number[]>();
      const costs = new Map<SubjectName, number[]>();
      for (let round = 0; round < rounds; round++) {
        for (const subject of SUBJECTS) {
          const measured = measure({ subject, host, operation, window, seconds });
          const rate = (measured.operations * 1_000) / measured.elapsedMs;
          rates.set(subject, [...(rates.get(subject) ?? []), rate]);
          costs.set(subject, [...(costs.get(subject) ?? []), measured.cpuUsPerOperation]);
        }
      }
      const [ours = 0, theirs = 0] = SUBJECTS.map((subject) => median(rates.get(subject)!));
      for (const subject of SUBJECTS) {
        best.set(subject, Math.max(best.get(subject) ?? 0, median(rates.get(subject)!)));
        const rate = Math.round(median(rates.get(subject)!)).toLocaleString('en');
        const cost = median(costs.get(subject)!).toFixed(1);
        const ratio = subject === SUBJECTS[0] ? `${(ours / theirs).toFixed(2)} x` : '';
        const what = `${operation.padEnd(9)}  ${String(window).padStart(9)}`;
        console.log(
          `${what}  ${subject.padEnd(22)} ${rate.padStart(8)} ${cost.padStart(11)}   ${ratio}`,
        );
      }
    }
    const [ours = 0, theirs = 0] = SUBJECTS.map((subject) => best.get(subject) ?? 0);
    most.push(
      `most ${operation} operations per second, whatever is in flight: ${(ours / theirs).toFixed(2)} x`,
    );
  }
  for (const line of most) console.log(line);
}

function compareMemory(): void {
  for (const subject of SUBJECTS) {
    const { bytes } = JSON.parse(runProgram('memory.js', ['--expose-gc'], subject)) as {
      bytes: number;
    };
    console.log(`memory of an operation in flight, ${subject}: ${bytes} bytes`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '1' },
      host: { type: 'string' },
      nodes: { type: 'string', default: '3' },
      zookeeper: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  compareMemory();
  const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
  if (values.host !== undefined) return compare(values.host, seconds, rounds);
  const system = values.zookeeper ? findZooKeeper() : findBellwether();
  if ('missing' in system) throw new Error(system.missing);
  const nodes = Number(values.nodes);
  if (!Number.isInteger(nodes) || nodes < 1)
    throw new Error('--nodes must be a whole number from 1 on');
  const ensemble = await Ensemble.start(system, tmpdir(), undefined, nodes);
  try {
    console.log(`${nodes === 1 ? '1 node' : `${nodes} nodes`} of ${system.name} ${system.version}`);
    compare(ensemble.hosts[0]!, seconds, rounds);
  } finally {
    await ensemble.stop();
  }
}

await main();
