/*
 * Records what real clients and servers say to each other, into testdata/. Run from the root of the
 * repository: `npm run record-golden`. Needs Debian's zookeeper, libzookeeper-java, python3-kazoo
 * and libzookeeper-mt-dev, a JDK and gcc.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askFourLetterWord } from '@bellwether/testbed';
import { findFreePorts } from '../interop/free-ports.ts';
import { findZooKeeperClasspath } from '../interop/java.ts';
import { poll } from '../interop/poll.ts';
import { ServerProcess } from '../interop/server-process.ts';
import { formatCaptures, type Exchange, type ServerName } from './capture.ts';
import { describe, readReply, readRequest } from './messages.ts';
import { RecordingProxy, tidied, type Recorded } from './recording-proxy.ts';

type Command = readonly [string, ...string[]];

const PROGRAMS = 'interop/golden';
const TESTDATA = 'packages/bellwether/test/golden/testdata';
const SERVING_DEADLINE_MS = 30_000;
const scratch = mkdtempSync(join(tmpdir(), 'golden-'));

function run(...[program, ...args]: Command): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

function classpath(): string {
  const found = findZooKeeperClasspath();
  if (found === undefined) throw new Error('no zookeeper jar');
  return found;
}

/** How each client is run, and what it is called; programs are compiled on the way. */
function clients(): ReadonlyMap<string, { readonly title: string; readonly command: Command }> {
  const version = (name: string): string => run('dpkg-query', '-f', '${Version}', '-W', name);
  const c = join(scratch, 'operations');
  run('gcc', '-DTHREADED', '-o', c, `${PROGRAMS}/operations.c`, '-lzookeeper_mt');
  run('javac', '-cp', classpath(), '-d', scratch, `${PROGRAMS}/Operations.java`);
  const nodePackage = 'node_modules/node-zookeeper-client/package.json';
  const nodeVersion = run(process.execPath, '-p', `require('./${nodePackage}').version`).trim();
  const java: Command = ['java', '-cp', `${classpath()}:${scratch}`, 'Operations'];
  return new Map([
    [
      'kazoo',
      {
        title: `kazoo ${version('python3-kazoo')}`,
        command: ['/usr/bin/python3', `${PROGRAMS}/operations.py`],
      },
    ],
    ['java', { title: `Apache's Java client ${version('libzookeeper-java')}`, command: java }],
    ['c', { title: `Apache's C client ${version('libzookeeper-mt2')}`, command: [c] }],
    [
      'node',
      {
        title: `node-zookeeper-client ${nodeVersion}`,
        command: [process.execPath, `${PROGRAMS}/operations.mjs`],
      },
    ],
  ]);
}

async function startServer(name: ServerName): Promise<{ process: ServerProcess; port: number }> {
  const [port, peerPort, electionPort] = (await findFreePorts(3)) as [number, number, number];
  const directory = mkdtempSync(join(scratch, name));
  const config = join(directory, 'zoo.cfg');
  const lines = [
    'tickTime=2000',
    'initLimit=10',
    'syncLimit=5',
    `dataDir=${directory}`,
    `clientPort=${port}`,
    'clientPortAddress=127.0.0.1',
  ];
  if (name === 'bellwether') lines.push(`server.1=127.0.0.1:${peerPort}:${electionPort}`);
  else lines.push('admin.enableServer=false');
  writeFileSync(config, `${lines.join('\n')}\n`);
  writeFileSync(join(directory, 'myid'), '1\n');
  const main = 'org.apache.zookeeper.server.ZooKeeperServerMain';
  const command: Command =
    name === 'bellwether'
      ? [process.execPath, 'packages/bellwether/dist/cli.js', 'serve', config]
      : ['java', '-Dzookeeper.extendedTypesEnabled=true', '-cp', classpath(), main, config];
  const server = new ServerProcess(command);
  await poll(`${name} serves`, SERVING_DEADLINE_MS, async () => {
    if (!server.isRunning) throw new Error(server.output);
    return (await askFourLetterWord(`127.0.0.1:${port}`, 'srvr'))?.match(
      /^Mode: (standalone|leader)/m,
    );
  });
  return { process: server, port };
}

/** What the client says to a new server, and what that answers. */
async function recordWith(server: ServerName, [program, ...args]: Command): Promise<Recorded[]> {
  const { process, port } = await startServer(server);
  const proxy = new RecordingProxy(port);
  const client = new ServerProcess([program, ...args, `127.0.0.1:${await proxy.listen()}`]);
  await client.waitForEnd();
  proxy.close();
  await process.end('SIGKILL');
  if (client.exitCode !== 0) throw new Error(`${program} on ${server}: ${client.output}`);
  return tidied(proxy.recorded);
}

function exchangesOf(apache: readonly Recorded[], own: readonly Recorded[]): Exchange[] {
  return apache.map(({ connection, operation, request, answer }, i) => {
    const same = own[i];
    if (same?.operation !== operation) throw new Error(`${operation} became ${same?.operation}`);
    const value = describe(readRequest(operation, request));
    const answers = { zookeeper: answer!, bellwether: same.answer! };
    return { order: i + 1, connection, operation, request, value, answers };
  });
}

async function main(): Promise<void> {
  for (const [name, { title, command }] of clients()) {
    const apache = await recordWith('zookeeper', command);
    const exchanges = exchangesOf(apache, await recordWith('bellwether', command));
    const directory = join(TESTDATA, name);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const operations = new Set(exchanges.map(({ operation }) => operation));
    for (const operation of operations) {
      const text = formatCaptures(
        `${title}: ${operation}`,
        exchanges.filter((each) => each.operation === operation),
        ({ request }, { reply }) => describe(readReply(operation, request.readInt32BE(4), reply)),
      );
      writeFileSync(join(directory, `${operation}.txt`), text);
    }
    process.stdout.write(`${title}: ${exchanges.length} requests, ${operations.size} operations\n`);
  }
}

try {
  await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
