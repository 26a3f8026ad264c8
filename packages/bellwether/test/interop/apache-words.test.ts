import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askFourLetterWord } from '@bellwether/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '../server/support/test-client.ts';
import { findFreePorts } from './free-ports.ts';
import { findMissingJava, findReferenceClasspath } from './java.ts';
import { poll } from './poll.ts';
import { SERVER, serverCommand } from './server-command.ts';
import { ServerProcess } from './server-process.ts';

const missing = findMissingJava();
const title = missing === undefined ? 'beside an Apache ZooKeeper' : `(skipped: ${missing})`;
const START_MS_MAX = 30_000;
const EPHEMERAL = 1;

/** What Bellwether alone tells. */
const OWN_VALUES = ['followers', 'large_responses_refused'];
/** How long failovers took, by upper bounds. */
const OWN_HISTOGRAM = 'failover_time_le_';
/** What comes first behind the gauges, in 3.8 and in 3.9. */
const FIRST_COUNTERS = ['proposal_count', 'watch_bytes'];
/** What ZooKeeper 3.8 does not tell yet, or only where something was measured. */
const NEWER_VALUES = ['sum_', 'cnt_', 'avg_', 'min_', 'max_'];

/** A server of its own with one session, an ephemeral and a watch. */
interface Standalone {
  readonly port: number;
  readonly process: ServerProcess;
  readonly client: TestClient;
}

async function startStandalone(
  directory: string,
  command: (configFile: string) => readonly [string, ...string[]],
): Promise<Standalone> {
  const [port] = await findFreePorts(1);
  mkdirSync(directory);
  const configFile = join(directory, 'zoo.cfg');
  const lines = [
    ...['tickTime=2000', `dataDir=${directory}`, `clientPort=${port}`, 'maxClientCnxns=0'],
    ...['clientPortAddress=127.0.0.1', 'admin.enableServer=false', '4lw.commands.whitelist=*'],
  ];
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  const process = new ServerProcess(command(configFile));
  await poll('the server answers', START_MS_MAX, async () => {
    const answer = await askFourLetterWord(`127.0.0.1:${port}`, 'srvr');
    return answer?.includes('Mode:') === true ? true : undefined;
  });
  const client = await TestClient.open(port!);
  await client.create('/e', 'x', EPHEMERAL);
  await client.getData('/e', true);
  return { port: port!, process, client };
}

function zooKeeper(configFile: string): readonly [string, ...string[]] {
  const main = 'org.apache.zookeeper.server.ZooKeeperServerMain';
  return ['java', '-Xmx128m', '-cp', findReferenceClasspath() ?? '', main, configFile];
}

/** An answer without what differs from one server, and from one moment, to the other. */
function shapeOf(answer: string | undefined): string[] {
  return (answer ?? 'no answer')
    .replace(/^(Zookeeper version: ).*$/m, '$1VERSION')
    .replace(/^((?:dataDir|dataLogDir)=).*$/gm, '$1PATH')
    .replace(/\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}/g, 'DATE')
    .replace(/0x[0-9a-f]+/g, 'HEX')
    .replace(/-?\d+\.\d+(?!\.)\b/g, 'FRACTION')
    .replace(/-?\b\d+\b/g, 'NUMBER')
    .split('\n');
}

/** What expires together depends on the moment; ZooKeeper lists times at which nothing does, too. */
function dumpShape(answer: string | undefined): string[] {
  const used = (answer ?? '').split('\n').filter((line) => !line.startsWith('0 expire at'));
  return [...new Set(shapeOf(used.join('\n')))];
}

const namesIn = (answer: string | undefined, pattern: RegExp): string[] =>
  [...(answer ?? '').matchAll(pattern)].map(([, name]) => name!);

describe.skipIf(missing !== undefined || SERVER === 'zookeeper')(
  `four-letter words ${title}`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'bellwether-test-'));
    let ours: Standalone;
    let theirs: Standalone;

    beforeAll(async () => {
      [ours, theirs] = await Promise.all([
        startStandalone(join(directory, 'ours'), serverCommand),
        startStandalone(join(directory, 'theirs'), zooKeeper),
      ]);
    }, 2 * START_MS_MAX);

    afterAll(async () => {
      await Promise.all([ours?.process.end('SIGKILL'), theirs?.process.end('SIGKILL')]);
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    });

    const ask = (word: string): Promise<(string | undefined)[]> =>
      Promise.all([ours, theirs].map(({ port }) => askFourLetterWord(`127.0.0.1:${port}`, word)));

    it.each([
      ...['conf', 'cons', 'dirs', 'gtmk', 'isro', 'ruok', 'srvr', 'stat', 'wchc', 'wchp', 'wchs'],
      ...['crst', 'srst'],
    ])('%s has the same fields in the same form', async (word) => {
      const [our, their] = await ask(word);
      // Which operations a socket waits for just then is a matter of the moment.
      const shape = (answer: string | undefined) =>
        shapeOf(answer?.replace(/\[\d\]\(/g, '[OPS](')).sort();
      expect(shape(our)).toEqual(shape(their));
    });

    it('dump has the same parts in the same form', async () => {
      const [our, their] = await ask('dump');
      expect(dumpShape(our)).toEqual(dumpShape(their));
    });

    it('stmk answers with the mask', async () => {
      const [our, their] = await ask('stmk\0\0\0\0\0\0\0\x01');
      expect([our, their]).toEqual(['1', '1']);
    });

    it('envi has the same keys in the same order, and then some', async () => {
      const [our, their] = await ask('envi');
      const keys = namesIn(their, /^(\S+)=/gm);
      expect(keys.length).toBeGreaterThan(10);
      expect(namesIn(our, /^(\S+)=/gm).slice(0, keys.length)).toEqual(keys);
    });

    it('mntr has every gauge in the same form, and counters only by names that are known there', async () => {
      const [our, their] = await ask('mntr');
      const ourNames = namesIn(our, /^zk_(\S+)\t/gm);
      const theirNames = namesIn(their, /^zk_(\S+)\t/gm);
      const unknown = ourNames.filter((name) => !theirNames.includes(name));
      const isNew = (name: string) =>
        [...NEWER_VALUES, OWN_HISTOGRAM].some((prefix) => name.startsWith(prefix));
      expect(unknown.filter((name) => !OWN_VALUES.includes(name) && !isNew(name))).toEqual([]);
      const counters = FIRST_COUNTERS.map((name) => theirNames.indexOf(name));
      const gauges = theirNames.slice(0, Math.min(...counters.filter((at) => at >= 0)));
      expect(gauges.length).toBeGreaterThan(20);
      expect(gauges.filter((name) => !ourNames.includes(name))).toEqual([]);
      const lineOf = (answer: string | undefined, name: string) =>
        shapeOf(new RegExp(`^zk_${name}\t.*$`, 'm').exec(answer ?? '')?.[0]);
      for (const name of gauges.filter((one) => one !== 'version')) {
        expect(lineOf(our, name)).toEqual(lineOf(their, name));
      }
    });
  },
);
