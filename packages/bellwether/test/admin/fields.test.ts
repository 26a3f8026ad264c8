import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProgressStatus } from '@bellwether/raft';
import { afterEach, describe, expect, it } from 'vitest';
import { AdminServer } from '../../src/admin/admin-server.ts';
import { TIMING_DEFAULT } from '../../src/config/defaults.ts';
import { createLogger } from '../../src/logger.ts';
import { TestServer } from '../server/support/test-server.ts';
import { COMPARED, shapeOf, type RecordedShapes, type Shape } from './fields.ts';

const RECORDED = fileURLToPath(new URL('testdata/zookeeper-3.9.3.json', import.meta.url));
const EPHEMERAL = 1;

const progress = (nodeId: number): ProgressStatus => ({
  ...{ nodeId, match: 3, next: 4, state: 'replicate', recentlyActive: true },
  isLearner: nodeId === 3,
});

/** Node 1 leads node 2, and node 3 only learns. */
function lead(server: TestServer): void {
  server.consensus.raft = {
    membership: { voters: [1, 2], votersOutgoing: [], learners: [3] },
    progress: [1, 2, 3].map(progress),
  };
}

const member = (id: number) => ({
  id,
  kind: id === 3 ? ('learner' as const) : ('voter' as const),
  ...{ host: `10.0.0.${id}`, port: 2888, clientPort: 2181 },
});

const node = {
  ...{ nodeId: 1, dataDir: '/nonexistent', members: [1, 2, 3].map(member) },
  timing: { ...TIMING_DEFAULT, electionTicksMin: 40 },
};

/** Both without what docs/differences.md says is different. */
function comparable(command: string, ours: Shape, theirs: Shape): readonly [Shape, Shape] {
  switch (command) {
    case 'environment':
      // Ours are theirs, and some of Node.js.
      return [only(Object.keys(theirs), ours), theirs];
    case 'hash':
      // Theirs has one only after 128 changes.
      return [{ ...(ours as object), digests: [] }, theirs];
    case 'initial_configuration':
      // Theirs tells it where reconfig is allowed, or there is one server.
      return [Object.keys(ours), Object.keys(theirs)];
    case 'observers':
      return [ours, withoutTraffic(theirs)];
    default:
      return [ours, theirs];
  }
}

function only(names: readonly string[], shape: Shape): Shape {
  const fields = Object.entries(shape as Record<string, Shape>);
  return Object.fromEntries(fields.filter(([name]) => names.includes(name)));
}

function withoutTraffic(shape: Shape): Shape {
  const { observers, ...rest } = shape as { readonly [field: string]: readonly Shape[] };
  const kept = ['last_zxid', 'queued_packets', 'remote_socket_address', 'sid'];
  return { ...rest, observers: observers!.map((each) => only(kept, each)) };
}

describe('the answers of the admin server have the fields of ZooKeeper 3.9.3', () => {
  const recorded = JSON.parse(readFileSync(RECORDED, 'utf8')) as RecordedShapes;
  let server: TestServer;
  let admin: AdminServer;
  afterEach(async () => {
    await admin.close();
    await server.stop();
  });

  it.each(['standalone', 'leader'] as const)('when it is %s', async (role) => {
    server = await TestServer.start(role === 'leader' ? { node } : {});
    if (role === 'leader') lead(server);
    const client = await server.client();
    await client.create('/e', 'x', EPHEMERAL);
    await client.getData('/e', true);
    await client.getChildren('/', true);
    const config = { address: '127.0.0.1', port: 0, commandPath: '/commands' };
    const control = { transfer: () => Promise.resolve('not leading' as const), leaderId: 1 };
    const log = createLogger({ level: 'error', format: 'text' }, 'admin');
    const settings = { ...config, changes: 'local' as const };
    admin = new AdminServer(settings, server.server.inspection, control, log);
    const { port } = await admin.listen();
    for (const command of COMPARED) {
      const response = await fetch(`http://127.0.0.1:${port}/commands/${command}`);
      const shape = shapeOf(await response.json());
      const [ours, theirs] = comparable(command, shape, recorded[role][command]!);
      expect([command, ours]).toEqual([command, theirs]);
    }
  });
});
