import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { COMPARED, shapeOf, type RecordedShapes, type Shape } from '../admin/fields.ts';
import { TestClient } from '../server/support/test-client.ts';
import { findFreePorts } from './free-ports.ts';
import { findMissingAdminServer, findReferenceClasspath } from './java.ts';
import { poll } from './poll.ts';
import { RUNS_ALL } from './requirements.ts';
import { ServerProcess } from './server-process.ts';

const RECORDED = fileURLToPath(new URL('../admin/testdata/zookeeper-3.9.3.json', import.meta.url));
const MAIN = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
const START_MS_MAX = 60_000;
const EPHEMERAL = 1;

const missing = RUNS_ALL ? findMissingAdminServer() : 'npm run test:interop runs it';
const title = missing === undefined ? '' : ` (skipped: ${missing})`;

type Fields = Readonly<Record<string, unknown>>;

/** One server of Apache's, which the others find by `lines` of its settings. */
class ApacheServer {
  readonly #adminPort: number;
  readonly process: ServerProcess;

  constructor(directory: string, id: number, adminPort: number, lines: readonly string[]) {
    this.#adminPort = adminPort;
    const data = join(directory, String(id));
    mkdirSync(data);
    const config = join(data, 'zoo.cfg');
    const admin = ['admin.serverAddress=127.0.0.1', `admin.serverPort=${adminPort}`];
    writeFileSync(join(data, 'myid'), `${id}\n`);
    writeFileSync(config, `${[...lines, ...admin, `dataDir=${data}`].join('\n')}\n`);
    const classpath = findReferenceClasspath() ?? '';
    this.process = new ServerProcess(['java', '-Xmx128m', '-cp', classpath, MAIN, config]);
  }

  async ask(command: string): Promise<Fields> {
    const response = await fetch(`http://127.0.0.1:${this.#adminPort}/commands/${command}`);
    return (await response.json()) as Fields;
  }

  async mode(): Promise<string | undefined> {
    const answer = await this.ask('server_stats').catch(() => undefined);
    if (answer === undefined || answer['error'] !== null) return undefined;
    return (answer['server_stats'] as { readonly server_state: string }).server_state;
  }

  async shapes(): Promise<Readonly<Record<string, Shape>>> {
    const shapes: Record<string, Shape> = {};
    for (const command of COMPARED) shapes[command] = shapeOf(await this.ask(command));
    return shapes;
  }
}

/** A session with an ephemeral and watches of each kind. */
async function useServer(clientPort: number): Promise<TestClient> {
  const client = await TestClient.open(clientPort);
  await client.create('/e', 'x', EPHEMERAL);
  await client.getData('/e', true);
  await client.getChildren('/', true);
  return client;
}

describe.skipIf(missing !== undefined)(`Apache's admin server${title}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'bellwether-test-'));
  const servers: ApacheServer[] = [];
  const common = ['tickTime=2000', 'initLimit=10', 'syncLimit=5'];

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.process.end('SIGKILL')));
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  function start(id: number, adminPort: number, lines: readonly string[]): ApacheServer {
    const server = new ApacheServer(directory, id, adminPort, [...common, ...lines]);
    servers.push(server);
    return server;
  }

  async function standalone(): Promise<Readonly<Record<string, Shape>>> {
    const [clientPort, adminPort] = (await findFreePorts(2)) as [number, number];
    const server = start(9, adminPort, [`clientPort=${clientPort}`, 'clientPortAddress=127.0.0.1']);
    await poll('it serves', START_MS_MAX, () => server.mode());
    await useServer(clientPort);
    return server.shapes();
  }

  /** Two that vote, and an observer. */
  async function leader(): Promise<Readonly<Record<string, Shape>>> {
    const ports = await findFreePorts(12);
    const portsOf = (id: number) => ports.slice(4 * (id - 1)) as [number, number, number, number];
    const lines = [1, 2, 3].map((id) => {
      const [peerPort, electionPort, clientPort] = portsOf(id);
      const role = id === 3 ? 'observer' : 'participant';
      const client = `127.0.0.1:${clientPort}`;
      return `server.${id}=127.0.0.1:${peerPort}:${electionPort}:${role};${client}`;
    });
    const three = [1, 2, 3].map((id) => start(id, portsOf(id)[3], lines));
    const leading = await poll('one leads, and all serve', START_MS_MAX, async () => {
      const modes = await Promise.all(three.map((server) => server.mode()));
      return modes.includes(undefined) ? undefined : three[modes.indexOf('leader')];
    });
    await useServer(portsOf(1 + three.indexOf(leading))[2]);
    await poll('the observer keeps up', START_MS_MAX, async () => {
      return (await leading.ask('observers'))['synced_observers'] === 1 || undefined;
    });
    return leading.shapes();
  }

  it('answers with the fields that Bellwether is compared with', async () => {
    const recorded: RecordedShapes = { standalone: await standalone(), leader: await leader() };
    if (process.env['REWRITE'] === '1') {
      writeFileSync(RECORDED, `${JSON.stringify(recorded, undefined, 1)}\n`);
    }
    expect(recorded).toEqual(JSON.parse(readFileSync(RECORDED, 'utf8')));
  }, 180_000);
});
