import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { checkDirectory, checkJsonFile, parseNumber, splitList, UsageError } from '../options.ts';
import { FAULTS, type FaultName } from './faults.ts';
import { LINK_CASES, type LinkCaseName } from './link-cases.ts';
import type { FailoverSystemName } from './systems.ts';

export interface FailoverOptions {
  readonly rounds: number;
  readonly cases: readonly CaseName[];
  readonly systems: readonly FailoverSystemName[];
  /** Znodes of 100 bytes in the tree. */
  readonly znodes: number;
  /** Writes that other clients keep in flight through the survivors; 0: only one writer. */
  readonly load: number;
  /** Of the case "load". */
  readonly minutes: number;
  readonly jsonFile: string | undefined;
  readonly dataDirectory: string;
}

/** What is measured. */
export type CaseName = FaultName | LinkCaseName | 'load';

const SYSTEMS: readonly FailoverSystemName[] = ['bellwether', 'zookeeper', 'etcd'];
const CASES: readonly CaseName[] = [
  ...FAULTS.map(({ name }) => name),
  ...LINK_CASES.map(({ name }) => name),
  'load',
];

export const FAILOVER_USAGE = `Takes the leader of a 3-node cluster on loopback away, again and again, and measures the
longest time between two acknowledged writes of a client that is connected to another server. Beside
Bellwether, Apache ZooKeeper and etcd are measured where they are installed. Cases of bad links and of
followers in trouble count how often the leader changes, which it should not; so does full load.

usage: npm run bench:failover -- [options]
  --rounds N        of each case (default 5)
  --only CASE,...   of: ${CASES.slice(0, FAULTS.length).join(', ')},
                    ${LINK_CASES.slice(0, 4)
                      .map(({ name }) => name)
                      .join(', ')},
                    ${LINK_CASES.slice(4)
                      .map(({ name }) => name)
                      .join(', ')}, load;
                    "link" means all that begin so
  --system NAME,... of: ${SYSTEMS.join(', ')} (default: all)
  --znodes N        put so many znodes of 100 bytes into the tree first (default 0)
  --minutes N       how long the case "load" lasts (default 1)
  --load N          other clients keep N more writes in flight meanwhile (default 0)
  --data DIR        where the servers' temporary directories are made (default ${tmpdir()})
  --json FILE       write every round to FILE too
  --help            this text

kill: kill -9 of the process that was started. crash: of all processes of the server at once. freeze:
kill -STOP. cut: all packets lost, both ways; mute, deaf: only from the leader, only to it. disk: writes
never return. service: its main thread is busy with nothing. stop: SIGTERM. transfer: bellwether
transfer, or what the system has for it. nothing: the leader is left alone, which shows what the machine
itself does. A round takes 2 to 5 seconds, one of a bad link or a follower 10, one of a frozen ZooKeeper
20. load: 30 clients write as fast as they can, beside a process that spins. cut, mute, deaf, link-...
and node-... need Linux and root; disk and service are for Bellwether, and so is crash, since the others
have one process each.`;

const DEFINITIONS = {
  rounds: { type: 'string', default: '5' },
  only: { type: 'string' },
  system: { type: 'string' },
  znodes: { type: 'string', default: '0' },
  load: { type: 'string', default: '0' },
  minutes: { type: 'string', default: '1' },
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
    cases: selectCases(values.only),
    systems: select('--system', SYSTEMS, values.system),
    znodes: parseNumber('--znodes', values.znodes, 0, 10_000_000),
    load: parseNumber('--load', values.load, 0, 10_000),
    minutes: parseNumber('--minutes', values.minutes, 1, 1_440),
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

/** By their names, and several by what they begin with. */
function selectCases(only: string | undefined): readonly CaseName[] {
  if (only === undefined) return CASES;
  const wanted = splitList(only);
  const isMeant = (name: CaseName, word: string): boolean =>
    name === word || name.startsWith(`${word}-`);
  const unknown = wanted.find((word) => !CASES.some((name) => isMeant(name, word)));
  if (unknown !== undefined) {
    throw new UsageError(`--only doesn't know "${unknown}"; there are ${CASES.join(', ')}`);
  }
  return CASES.filter((name) => wanted.some((word) => isMeant(name, word)));
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
