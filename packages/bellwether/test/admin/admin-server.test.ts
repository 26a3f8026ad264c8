import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProgressStatus } from '@bellwether/raft';
import { afterEach, describe, expect, it } from 'vitest';
import { AdminServer } from '../../src/admin/admin-server.ts';
import type { NodeControl } from '../../src/admin/control.ts';
import { TIMING_DEFAULT } from '../../src/config/defaults.ts';
import { createLogger } from '../../src/logger.ts';
import type { AdminConfig } from '../../src/node-config.ts';
import type { HandOver } from '../../src/server/hand-over.ts';
import { TestServer } from '../server/support/test-server.ts';

type Fields = Readonly<Record<string, unknown>>;
interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: Fields;
}

const LOCAL: AdminConfig = {
  ...{ address: '127.0.0.1', port: 0, commandPath: '/commands' },
  changes: 'local',
};
const EPHEMERAL = 1;
const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';

const progress = (nodeId: number, change: Partial<ProgressStatus> = {}): ProgressStatus => ({
  ...{ nodeId, match: 3, next: 4, state: 'replicate', recentlyActive: true, isLearner: false },
  ...change,
});

describe('the admin server', () => {
  let server: TestServer;
  let admin: AdminServer;
  let address: AddressInfo;
  let changes: AdminConfig['changes'] = 'local';
  let handedTo: (number | undefined)[] = [];
  let outcome: HandOver = 'handed over';
  const control: NodeControl = {
    transfer: (to) => {
      handedTo.push(to);
      return Promise.resolve(outcome);
    },
    leaderId: 2,
  };
  afterEach(async () => {
    changes = 'local';
    handedTo = [];
    outcome = 'handed over';
    await admin.close();
    await server.stop();
  });

  async function start(settings: Parameters<typeof TestServer.start>[0] = {}): Promise<void> {
    server = await TestServer.start(settings);
    const log = createLogger({ level: 'error', format: 'text' }, 'admin');
    admin = new AdminServer({ ...LOCAL, changes }, server.server.inspection, control, log);
    address = await admin.listen();
  }

  const fetchPath = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${address.port}${path}`, init);

  async function ask(command: string, init?: RequestInit): Promise<Answer> {
    const response = await fetchPath(`/commands/${command}`, init);
    const body = (await response.json()) as Fields;
    return { status: response.status, type: response.headers.get('content-type'), body };
  }

  /** A session with id 2, an ephemeral and two watches. */
  async function withClient(): Promise<void> {
    await start();
    const client = await server.client();
    await client.create('/e', 'x', EPHEMERAL);
    await client.getData('/e', true);
    await client.exists('/never', true);
  }

  /** Node 1 leads two followers and an observer. */
  async function leading(): Promise<void> {
    const member = { host: '10.0.0.1', port: 2888, clientPort: 2181 };
    const members = [1, 2, 3, 4].map((id) => ({
      ...member,
      id,
      kind: id === 4 ? ('learner' as const) : ('voter' as const),
      host: `10.0.0.${id}`,
    }));
    const node = {
      nodeId: 1,
      dataDir: '/nonexistent',
      members,
      timing: { ...TIMING_DEFAULT, electionTicksMin: 40 },
    };
    await start({ node });
    server.consensus.raft = {
      membership: { voters: [1, 2, 3], votersOutgoing: [], learners: [4] },
      progress: [progress(1), progress(2), progress(3), progress(4, { isLearner: true })],
    };
  }

  it('lists its commands as links, those of ZooKeeper 3.9 and own ones', async () => {
    await start();
    const response = await fetchPath('/commands');
    expect(response.headers.get('content-type')).toContain('text/html');
    const names = [...(await response.text()).matchAll(/<a href="\/commands\/(\w+)">/g)];
    expect(names.map(([, name]) => name)).toEqual([
      ...['configuration', 'connection_stat_reset', 'connections', 'dirs', 'dump', 'environment'],
      ...[
        'failovers',
        'figures',
        'get_trace_mask',
        'hash',
        'health',
        'initial_configuration',
        'is_read_only',
        'last_snapshot',
      ],
      ...['leader', 'monitor', 'observer_connection_stat_reset', 'observers', 'ruok'],
      ...['server_stats', 'set_trace_mask', 'stat_reset', 'stats', 'system_properties'],
      ...['voting_view', 'watch_summary', 'watches', 'watches_by_path', 'zabstate'],
    ]);
  });

  it('answers in JSON with the name of the command and no error', async () => {
    await start();
    const { status, type, body } = await ask('ruok');
    expect(status).toBe(200);
    expect(type).toBe('application/json');
    expect(body).toEqual({ command: 'ruok', error: null });
  });

  it('knows each command by its short names too', async () => {
    await start();
    for (const [alias, name] of [
      ['srvr', 'server_stats'],
      ['mntr', 'monitor'],
      ['conf', 'configuration'],
      ['envi', 'environment'],
      ['lead', 'leader'],
    ] as const) {
      expect((await ask(alias)).body['command']).toBe(name);
    }
  });

  it('answers an unknown command with 200 and an error, as ZooKeeper does', async () => {
    await start();
    expect(await ask('nope')).toMatchObject({
      status: 200,
      body: { command: 'nope', error: 'Unknown command: nope' },
    });
  });

  it('says so while nobody leads, except where no state is needed', async () => {
    await start();
    server.consensus.follow(0);
    for (const name of ['stats', 'ruok', 'leader', 'watches', 'configuration']) {
      expect((await ask(name)).body).toEqual({ command: name, error: NOT_SERVING });
    }
    for (const name of ['environment', 'failovers', 'monitor', 'zabstate', 'system_properties']) {
      expect((await ask(name)).body['error']).toBeNull();
    }
  });

  it('refuses snapshot, restore and shed_connections and says what to do instead', async () => {
    await start();
    for (const name of ['snapshot', 'restore', 'shed_connections']) {
      const { status, body } = await ask(name, { method: 'POST', body: 'x'.repeat(100_000) });
      expect(status).toBe(501);
      expect(body).toMatchObject({ command: name, error: expect.stringMatching(/\w+ \w+/) });
    }
  });

  it('has nothing elsewhere, and takes no other methods', async () => {
    await start();
    for (const path of ['/', '/commandsx', '/../etc/passwd']) {
      expect((await fetchPath(path)).status).toBe(404);
    }
    expect((await fetchPath('/commands/ruok', { method: 'DELETE' })).status).toBe(405);
  });

  it('tells the configuration', async () => {
    await start();
    expect((await ask('configuration')).body).toEqual({
      command: 'configuration',
      error: null,
      client_port: 0,
      data_dir: '/nonexistent',
      data_log_dir: '/nonexistent',
      tick_time: 10,
      max_client_cnxns: 0,
      min_session_timeout: 4_000,
      max_session_timeout: 40_000,
      client_port_listen_backlog: 1_024,
      server_id: 1,
    });
  });

  it('tells connections in full, and in brief in stats', async () => {
    await withClient();
    const counts = {
      remote_socket_address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      interest_ops: 1,
      outstanding_requests: 0,
      packets_received: 4,
      packets_sent: 4,
    };
    const { body } = await ask('connections');
    expect(body['connections']).toEqual([
      {
        ...counts,
        session_id: 2,
        last_operation: 'EXIS',
        established: 1_700_000_001_000,
        session_timeout: 10_000,
        last_cxid: 3,
        last_zxid: 3,
        last_response_time: 1_000,
        last_latency: 0,
        min_latency: 0,
        avg_latency: 0,
        max_latency: 0,
      },
    ]);
    const stats = (await ask('stats')).body;
    expect(stats['connections']).toEqual([counts]);
    expect(stats).toMatchObject({
      read_only: false,
      server_stats: { packets_received: 4, server_state: 'standalone', last_processed_zxid: 3 },
      client_response: { last_buffer_size: 16 },
    });
  });

  it('tells sessions, ephemerals and watches', async () => {
    await withClient();
    expect((await ask('dump')).body).toMatchObject({
      expiry_time_to_session_ids: { 1_700_000_011_000: [2] },
      session_id_to_ephemeral_paths: { 2: ['/e'] },
    });
    expect((await ask('watches')).body).toMatchObject({
      session_id_to_watched_paths: { 2: ['/e', '/never'] },
    });
    expect((await ask('watches_by_path')).body).toMatchObject({
      path_to_session_ids: { '/e': [2], '/never': [2] },
    });
    expect((await ask('watch_summary')).body).toMatchObject({
      num_connections: 1,
      num_paths: 2,
      num_total_watches: 2,
    });
  });

  it('tells the same as mntr, numbers as numbers', async () => {
    await withClient();
    expect((await ask('monitor')).body).toMatchObject({
      server_state: 'standalone',
      watch_count: 2,
      avg_latency: 0,
      ephemerals_count: 1,
    });
  });

  it('begins to count anew', async () => {
    await withClient();
    await ask('stat_reset');
    await ask('connection_stat_reset');
    const { body } = await ask('stats');
    expect(body).toMatchObject({
      server_stats: { packets_received: 0 },
      connections: [{ packets_received: 0 }],
    });
  });

  it('keeps the trace mask', async () => {
    await start();
    expect((await ask('get_trace_mask')).body).toMatchObject({ tracemask: 306 });
    expect((await ask('set_trace_mask?traceMask=42')).body).toMatchObject({ tracemask: 42 });
    expect((await ask('gtmk')).body).toMatchObject({ tracemask: 42 });
    expect((await ask('set_trace_mask')).body['error']).toMatch(/requires long traceMask/);
    expect((await ask('stmk?traceMask=x')).body['error']).toMatch(/got x$/);
  });

  it('tells the place among the others', async () => {
    await leading();
    expect((await ask('leader')).body).toMatchObject({
      is_leader: true,
      leader_id: 1,
      leader_ip: '10.0.0.1',
    });
    expect((await ask('zabstate')).body).toMatchObject({
      myid: 1,
      is_leader: true,
      voting: true,
      last_zxid: '0x1',
      zabstate: 'broadcast',
    });
    expect((await ask('observers')).body).toMatchObject({
      synced_observers: 1,
      observers: [{ sid: 4, remote_socket_address: '10.0.0.4:2888', last_zxid: 3 }],
    });
    const { body } = await ask('voting_view');
    expect(Object.keys(body['current_config'] as Fields)).toEqual(['1', '2', '3']);
    expect((body['current_config'] as Fields)['2']).toEqual({
      server_addresses: ['10.0.0.2:2888'],
      election_addresses: ['10.0.0.2:2888'],
      client_address: '0.0.0.0:2181',
      learner_type: 'participant',
    });
    expect((await ask('initial_configuration')).body['initial_configuration']).toContain(
      'server.4=10.0.0.4:2888:2888:observer;0.0.0.0:2181\n',
    );
  });

  it('has no place among others when the node is on its own', async () => {
    await start();
    expect((await ask('leader')).body['error']).toBe('server is not initialized');
    expect((await ask('zabstate')).body).toMatchObject({ voting: false, zabstate: '' });
    expect((await ask('voting_view')).body['current_config']).toEqual({});
    expect((await ask('last_snapshot')).body).toMatchObject({ timestamp: -1 });
  });

  it('names the port that it cannot have', async () => {
    await start();
    const log = createLogger({ level: 'error', format: 'text' }, 'admin');
    const second = new AdminServer(
      { ...LOCAL, port: address.port },
      server.server.inspection,
      control,
      log,
    );
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE', port: address.port });
  });

  describe('told to hand over', () => {
    const asked = { method: 'POST', headers: { 'x-bellwether-change': 'yes' } };

    it('does so, to the node that is named or to the best', async () => {
      await start();
      const done = { status: 200, body: { command: 'transfer', error: null, leader: 2 } };
      expect(await ask('transfer?to=3', asked)).toMatchObject(done);
      expect(await ask('transfer', asked)).toMatchObject(done);
      expect(handedTo).toEqual([3, undefined]);
    });

    it('says why it was not done', async () => {
      await start();
      outcome = 'not leading';
      expect(await ask('transfer', asked)).toMatchObject({
        status: 409,
        body: { error: 'not leading', leader: 2 },
      });
      expect((await ask('transfer?to=x', asked)).status).toBe(400);
      expect(handedTo).toHaveLength(1);
    });

    it('does nothing for a page in a browser, nor for a name that somebody made local', async () => {
      await start();
      expect((await fetchPath('/commands/transfer')).status).toBe(405);
      expect((await ask('transfer', { method: 'POST' })).status).toBe(403);
      const { port } = address;
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const headers = { ...asked.headers, host: 'evil.example' };
        const options = { host: '127.0.0.1', port, path: '/commands/transfer', headers };
        const sent = request({ ...options, method: 'POST' }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('error', reject).end();
      });
      expect(status).toBe(403);
      expect(handedTo).toEqual([]);
    });

    it('does nothing where changes are switched off', async () => {
      changes = 'nowhere';
      await start();
      expect(await ask('transfer', asked)).toMatchObject({ status: 403 });
      expect(handedTo).toEqual([]);
    });
  });
});
