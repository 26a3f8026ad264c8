/*
 * Records what real clients and servers say to each other, into testdata/. Run from the root of the
 * repository: `npm run record-golden`, or with names of directories behind `--`. Needs a ZooKeeper of 3.9
 * (as interop/crosscheck does: $ZOOKEEPER_CLASSPATH, or what its pom.xml names), a JDK, gcc, Debian's
 * libzookeeper-mt-dev, and the Python of interop/kazoo.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from '../interop/server-process.ts';
import { formatCaptures, type Exchange, type ServerName } from './capture.ts';
import { describe, readReply, readRequest } from './messages.ts';
import { prepareClient } from './recorded-clients.ts';
import { startServer, type Command } from './recorded-servers.ts';
import { RecordingProxy, tidied, type Recorded } from './recording-proxy.ts';
import { directoryOf, PROGRAMS, SCENARIOS } from './scenarios.ts';
import type { ClientName, Scenario } from './scenarios.ts';

const TESTDATA = 'packages/bellwether/test/golden/testdata';
const JARS = 'interop/crosscheck/target/dependency';
const scratch = mkdtempSync(join(tmpdir(), 'golden-'));

function findClasspath(): string {
  const fromEnvironment = process.env['ZOOKEEPER_CLASSPATH'];
  if (fromEnvironment !== undefined) return fromEnvironment;
  if (existsSync(JARS)) return join(JARS, '*');
  throw new Error(`neither ZOOKEEPER_CLASSPATH nor ${JARS}: see interop/crosscheck/README.md`);
}

/** What the client says to a new server, and what that answers. */
async function recordWith(
  name: ServerName,
  scenario: Scenario,
  classpath: string,
  [program, ...args]: Command,
): Promise<Recorded[]> {
  const server = await startServer(name, scenario, classpath, scratch);
  const proxy = new RecordingProxy(server.port);
  const client = new ServerProcess([program, ...args, `127.0.0.1:${await proxy.listen()}`]);
  await client.waitForEnd();
  proxy.close();
  await server.process.end('SIGKILL');
  if (client.exitCode !== 0) throw new Error(`${program} on ${name}: ${client.output}`);
  return tidied(proxy.recorded, scenario === 'operations' ? 'onePing' : 'noPing');
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

async function record(client: ClientName, scenario: Scenario, classpath: string): Promise<void> {
  const { title, command } = prepareClient(client, scenario, classpath, scratch);
  const apache = await recordWith('zookeeper', scenario, classpath, command);
  const own = await recordWith('bellwether', scenario, classpath, command);
  const exchanges = exchangesOf(apache, own);
  const directory = join(TESTDATA, directoryOf(client, scenario));
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
  const counts = `${exchanges.length} requests, ${operations.size} operations`;
  process.stdout.write(`${title}, ${scenario}: ${counts}\n`);
}

async function main(names: readonly string[]): Promise<void> {
  const classpath = findClasspath();
  for (const scenario of SCENARIOS) {
    for (const client of PROGRAMS[scenario]) {
      const isWanted = names.length === 0 || names.includes(directoryOf(client, scenario));
      if (isWanted) await record(client, scenario, classpath);
    }
  }
}

try {
  await main(process.argv.slice(2));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
