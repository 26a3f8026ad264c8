import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withCluster } from './cluster-fixture.ts';
import { curator, curatorClasspath, PROGRAMS, RUNS_ALL, titleOfLong } from './requirements.ts';
import { ServerProcess } from './server-process.ts';

const SOURCES = join(PROGRAMS, 'curator', 'src', 'interop');
const TEST_TIMEOUT_MS = 180_000;

/** What each recipe sees, as on Apache ZooKeeper 3.9.3. */
const EXPECTED = [
  'ok LeaderLatch: first, then second',
  'ok LeaderSelector: first, then second',
  'ok InterProcessMutex: reentrant, one holder',
  'ok InterProcessMutex-revocable: the holder was asked',
  'ok InterProcessSemaphoreMutex: one holder',
  'ok InterProcessReadWriteLock: readers together, writers alone',
  'ok InterProcessSemaphoreV2: two leases, never three',
  'ok InterProcessMultiLock: all or none',
  'ok DistributedBarrier: held, then let through',
  'ok DistributedDoubleBarrier: entered together, left together',
  'ok NodeCache: created, changed, deleted',
  'ok PathChildrenCache: CHILD_ADDED, CHILD_UPDATED, CHILD_REMOVED',
  'ok TreeCache: grows and shrinks with the tree',
  'ok CuratorCache: changed /a/b, created /a/c, deleted /a/c',
  'ok PersistentWatcher: NodeCreated /, NodeCreated /a, NodeCreated /a/b, ' +
    'NodeDataChanged /a, NodeDataChanged /a, NodeDeleted /a/b',
  'ok PersistentNode: made again, and gone with its owner',
  'ok PersistentTtlNode: created',
  'ok GroupMember: joins and leaves',
  'ok containers: made with their parents',
  'ok ttl: created',
  'ok transaction: CREATE, CREATE, SET_DATA, CHECK, DELETE',
  'ok protection: bears an id, deleted for certain',
  'ok SharedCount: 7, 8, 9',
  'ok SharedValue: an old version is refused',
  'ok DistributedAtomicLong: 205 after two hundred increments',
  'ok DistributedAtomicInteger-lock: 3, 1, 11',
  'ok SimpleDistributedQueue: abc',
  '27 recipes passed, 0 failed',
];

describe.skipIf(!RUNS_ALL || curator.missing !== undefined)(titleOfLong(curator), () => {
  let classes: string;

  beforeAll(() => {
    classes = mkdtempSync(join(tmpdir(), 'bellwether-curator-'));
    const sources = readdirSync(SOURCES).map((name) => join(SOURCES, name));
    const javac = ['-cp', curatorClasspath!, '-d', classes, ...sources];
    const compiled = spawnSync('javac', javac, { encoding: 'utf8' });
    if (compiled.status !== 0) throw new Error(`javac failed:\n${compiled.stderr}`);
  }, TEST_TIMEOUT_MS);

  afterAll(() => rmSync(classes, { recursive: true, force: true }));

  it(
    'runs every recipe with clients on two servers, and each sees what it should',
    () =>
      withCluster(async (cluster) => {
        const [one, two] = cluster.nodes;
        const classpath = [classes, curatorClasspath].join(delimiter);
        const command = ['java', '-Xmx128m', '-cp', classpath, 'interop.Main'] as const;
        const program = new ServerProcess([...command, one!.address, two!.address]);
        await program.waitForEnd();
        const lines = program.output.split('\n');
        expect(lines.filter((line) => /^(ok|FAILED) |recipes passed/.test(line))).toEqual(EXPECTED);
        expect(program.exitCode).toBe(0);
      }),
    TEST_TIMEOUT_MS,
  );
});
