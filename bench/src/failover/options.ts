import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { checkDirectory, checkJsonFile, parseNumber, splitList, UsageError } from '../options.ts';
import { FAULTS, type FaultName } from './faults.ts';
import type { FailoverSystemName } from './systems.ts';

export interface FailoverOptions {
  readonly rounds: number;
  readonly faults: readonly FaultName[];
  readonly systems: readonly FailoverSystemName[];
  /** Znodes of 100 bytes in the tree. */
  readonly znodes: number;
  /** Writes that other clients keep in flight through the survivors; 0: only one writer. */
  readonly load: number;
  readonly jsonFile: string | undefined;
  readonly dataDirectory: string;
}

const SYSTEMS: readonly FailoverSystemName[] = ['bellwether', 'zookeeper', 'etcd'];
const FAULT_NAMES: readonly FaultName[] = FAULTS.map(({ name }) => name);

export const FAILOVER_USAGE = `Takes the leader of a 3-node cluster on loopback away, again and again, and measures the
longest time between two acknowledged writes of a client that is connected to another server. Beside
Bellwether, Apache ZooKeeper and etcd are measured where they are installed.

usage: npm run bench:failover -- [options]
  --rounds N        of each case (default 5)
  --only CASE,...   of: ${FAULT_NAMES.join(', ')}
  --system NAME,... of: ${SYSTEMS.join(', ')} (default: all)
  --znodes N        put so many znodes of 100 bytes into the tree first (default 0)
  --load N          other clients keep N more writes in flight meanwhile (default 0)
  --data DIR        where the servers' temporary directories are made (default ${tmpdir()})
  --json FILE       write every round to FILE too
  --help            this text

kill: kill -9. freeze: kill -STOP. stop: SIGTERM. transfer: bellwether transfer, or what the
system has for it. A round takes about two seconds, one of a frozen ZooKeeper twenty.`;

const DEFINITIONS = {
  rounds: { type: 'string', default: '5' },
  only: { type: 'string' },
  system: { type: 'string' },
  znodes: { type: 'string', default: '0' },
  load: { type: 'string', default: '0' },
  data: { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @throws UsageError that names the option and what it may be; 'help' when that was asked for. */
export function parseFailoverOptions(args: readonly string[]): FailoverOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  return {
    rounds: parseNumber('--rounds', values.rounds, 1, 10_000),
    faults: select('--only', FAULT_NAMES, values.only),
    systems: select('--system', SYSTEMS, values.system),
    znodes: parseNumber('--znodes', values.znodes, 0, 10_000_000),
    load: parseNumber('--load', values.load, 0, 10_000),
    jsonFile: values.json === undefined ? undefined : checkJsonFile(values.json),
    dataDirectory: checkDirectory('--data', values.data ?? tmpdir()),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: DEFINITIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function select<Name extends string>(
  option: string,
  known: readonly Name[],
  text: string | undefined,
): readonly Name[] {
  if (text === undefined) return known;
  return splitList(text).map((name) => {
    const found = known.find((each) => each === name);
    if (found !== undefined) return found;
    throw new UsageError(`${option} doesn't know "${name}"; there are ${known.join(', ')}`);
  });
}
