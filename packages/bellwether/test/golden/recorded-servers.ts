import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askFourLetterWord } from '@bellwether/testbed';
import { findFreePorts } from '../interop/free-ports.ts';
import { poll } from '../interop/poll.ts';
import { ServerProcess } from '../interop/server-process.ts';
import type { ServerName } from './capture.ts';
import { SASL_USER, SUPER_USER, type Scenario } from './scenarios.ts';

export type Command = readonly [string, ...string[]];

const SERVING_DEADLINE_MS = 60_000;
const CLI = 'packages/bellwether/dist/cli.js';
const ZOOKEEPER_MAIN = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
const SASL_PROVIDER = 'org.apache.zookeeper.server.auth.SASLAuthenticationProvider';

/** Of one server: its directory, and ports for its clients, its peers and the elections. */
interface Place {
  readonly directory: string;
  readonly port: number;
  readonly peerPort: number;
  readonly electionPort: number;
}

/** What a scenario needs of a server besides `COMMON`. */
interface Needs {
  readonly settings: readonly string[];
  /** Of Java, for ZooKeeper alone. */
  readonly properties?: readonly string[];
  /** What `srvr` says of its mode once it can be talked to. */
  readonly mode: RegExp;
}

const COMMON: readonly string[] = [
  'tickTime=2000',
  'initLimit=10',
  'syncLimit=5',
  '4lw.commands.whitelist=*',
  'admin.enableServer=false',
  'enforceQuota=true',
];

function needsOf(scenario: Scenario, place: Place): Needs {
  const { directory, port, peerPort, electionPort } = place;
  const own = `server.1=127.0.0.1:${peerPort}:${electionPort}:participant;127.0.0.1:${port}`;
  const serving = /^Mode: (standalone|leader)/m;
  const jaas = `-Djava.security.auth.login.config=${join(directory, 'jaas.conf')}`;
  const provider = `-Dzookeeper.authProvider.1=${SASL_PROVIDER}`;
  const absent = [2, 3].map((id) => `server.${id}=127.0.0.1:${id}:${id + 10}`);
  switch (scenario) {
    case 'operations':
      return { settings: alone(port), mode: serving };
    case 'sasl':
      return { settings: alone(port), properties: [jaas, provider], mode: serving };
    case 'reconfig': {
      const superUser = `DigestAuthenticationProvider.superDigest=${SUPER_USER}`;
      const settings = [own, 'standaloneEnabled=false', 'reconfigEnabled=true', superUser];
      return { settings, mode: serving };
    }
    case 'read-only': {
      // Without the second one, ZooKeeper has no sessions for read-only clients.
      const allowed = ['readonlymode.enabled=true', 'localSessionsEnabled=true'];
      const settings = [own, ...absent, ...allowed];
      return { settings, properties: ['-Dreadonlymode.enabled=true'], mode: /^Mode: read-only/m };
    }
    default:
      return scenario satisfies never;
  }
}

function alone(port: number): readonly string[] {
  return [`clientPort=${port}`, 'clientPortAddress=127.0.0.1'];
}

/** A server with an empty tree, ready for the scenario. */
export async function startServer(
  name: ServerName,
  scenario: Scenario,
  classpath: string,
  scratch: string,
): Promise<{ readonly process: ServerProcess; readonly port: number }> {
  const [port, peerPort, electionPort] = (await findFreePorts(3)) as [number, number, number];
  const place = { directory: mkdtempSync(join(scratch, name)), port, peerPort, electionPort };
  const { settings, properties = [], mode } = needsOf(scenario, place);
  const config = writeFiles(name, scenario, place, settings);
  const extended = '-Dzookeeper.extendedTypesEnabled=true';
  const java: Command = ['java', extended, ...properties, '-cp', classpath, ZOOKEEPER_MAIN, config];
  const process_ = new ServerProcess(
    name === 'bellwether' ? [process.execPath, CLI, 'serve', config] : java,
  );
  await poll(`${name} serves`, SERVING_DEADLINE_MS, async () => {
    if (!process_.isRunning) throw new Error(process_.output);
    return (await askFourLetterWord(`127.0.0.1:${port}`, 'srvr'))?.match(mode) ?? undefined;
  });
  return { process: process_, port };
}

/** Returns the name of the file of settings. */
function writeFiles(
  name: ServerName,
  scenario: Scenario,
  { directory, port }: Place,
  settings: readonly string[],
): string {
  const { name: user, password } = SASL_USER;
  const write = (file: string, lines: readonly string[]): string => {
    writeFileSync(join(directory, file), `${lines.join('\n')}\n`);
    return join(directory, file);
  };
  write('myid', ['1']);
  const module = 'org.apache.zookeeper.server.auth.DigestLoginModule';
  write('jaas.conf', [`Server { ${module} required user_${user}="${password}"; };`]);
  if (name === 'bellwether' && scenario === 'sasl') {
    const client = `client: { address: 127.0.0.1, port: ${port} }`;
    const users = `sasl: { users: { ${user}: ${password} } }`;
    return write('node.yaml', ['nodeId: 1', `dataDir: ${directory}`, client, users]);
  }
  return write('zoo.cfg', [...COMMON, `dataDir=${directory}`, ...settings]);
}
