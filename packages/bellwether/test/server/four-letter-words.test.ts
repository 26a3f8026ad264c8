import type { Failover } from '@bellwether/cluster';
import type { ProgressStatus } from '@bellwether/raft';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { TIMING_DEFAULT } from '../../src/config/defaults.ts';
import { FOUR_LETTER_WORDS, wordOf } from '../../src/server/four-letter-words.ts';
import { exchange, type TestClient } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests\n';
const EPHEMERAL = 1;

const progress = (nodeId: number, change: Partial<ProgressStatus> = {}): ProgressStatus => ({
  ...{ nodeId, match: 1, next: 2, state: 'replicate', recentlyActive: true, isLearner: false },
  ...change,
});

describe('four-letter words', () => {
  let server: TestServer;
  afterEach(() => server.stop());

  const ask = (word: string | Buffer): Promise<string> => exchange(server.port, word);

  /** A session with id 2, an ephemeral and three watches. */
  async function withClient(): Promise<TestClient> {
    server = await TestServer.start();
    const client = await server.client();
    await client.create('/e', 'x', EPHEMERAL);
    await client.getData('/e', true);
    await client.getChildren('/e', true);
    await client.exists('/never', true);
    return client;
  }

  /** The server leads two followers and an observer. */
  function leadOthers(): void {
    server.consensus.raft = {
      membership: { voters: [1, 2, 3], votersOutgoing: [], learners: [4] },
      progress: [
        progress(1),
        progress(2),
        progress(3, { state: 'probe' }),
        progress(4, { isLearner: true }),
      ],
    };
  }

  it('are all eighteen of ZooKeeper, the digest of the tree, and the failovers', async () => {
    server = await TestServer.start();
    expect(FOUR_LETTER_WORDS).toEqual([
      ...[
        'conf',
        'cons',
        'crst',
        'dgst',
        'dirs',
        'dump',
        'envi',
        'fovr',
        'gtmk',
        'hash',
        'hlth',
        'isro',
      ],
      ...['mntr', 'ruok', 'srst', 'srvr', 'stat', 'stmk', 'wchc', 'wchp', 'wchs'],
    ]);
    for (const word of FOUR_LETTER_WORDS) {
      expect(wordOf(Buffer.from(word).readInt32BE())).toBe(word);
    }
    expect(wordOf(2_000_000)).toBeUndefined();
    expect(wordOf(-1)).toBeUndefined();
  });

  it('are refused by name when they are not in the whitelist', async () => {
    server = await TestServer.start({ fourLetterWords: ['srvr'] });
    expect(await ask('mntr')).toBe('mntr is not executed because it is not in the whitelist.\n');
    expect(await ask('stmk')).toBe('stmk is not executed because it is not in the whitelist.\n');
    expect(await ask('srvr')).toContain('Mode: standalone');
  });

  it('say so while nobody leads, but those that need no state are answered', async () => {
    server = await TestServer.start();
    server.consensus.follow(0);
    const needy = ['conf', 'cons', 'crst', 'dirs', 'dump', 'hash', 'mntr', 'srst', 'srvr', 'stat'];
    for (const word of [...needy, 'wchc', 'wchp', 'wchs'])
      expect(await ask(word)).toBe(NOT_SERVING);
    expect(await ask('ruok')).toBe('imok');
    expect(await ask('isro')).toBe('null');
    expect(await ask('gtmk')).toBe('306');
    expect(await ask('envi')).toMatch(/^Environment:\nzookeeper\.version=3\.9/);
    expect(await ask('dgst')).toMatch(/^zxid 1\ndigest [0-9a-f]{16}\n$/);
  });

  it('may be followed by a line end, as a terminal sends it', async () => {
    server = await TestServer.start();
    expect(await ask('ruok\n')).toBe('imok');
  });

  it('srvr sums up the server', async () => {
    await withClient();
    expect(await ask('srvr')).toMatch(
      /^Zookeeper version: 3\.9\.\S+\nLatency min\/avg\/max: \d+\/\d+\.\d+\/\d+\nReceived: 6\nSent: 5\nConnections: 2\nOutstanding: 0\nZxid: 0x3\nMode: standalone\nNode count: \d+\n$/,
    );
  });

  it('srvr tells the sizes of proposals on a leader', async () => {
    await withClient();
    leadOthers();
    expect(await ask('srvr')).toMatch(
      /\nMode: leader\nNode count: \d+\nProposal sizes last\/min\/max: \d+\/\d+\/\d+\n$/,
    );
  });

  it('stat lists the clients in brief, also the one that asks', async () => {
    await withClient();
    const lines = (await ask('stat')).split('\n');
    expect(lines[1]).toBe('Clients:');
    expect(lines[2]).toMatch(/^ \/127\.0\.0\.1:\d+\[1\]\(queued=0,recved=5,sent=5\)$/);
    expect(lines[3]).toMatch(/^ \/127\.0\.0\.1:\d+\[1\]\(queued=0,recved=1,sent=0\)$/);
    expect(lines[4]).toBe('');
    expect(lines[5]).toMatch(/^Latency/);
  });

  it('cons tells of each connection what was asked last, and how long it took', async () => {
    const client = await withClient();
    await client.ping();
    expect(await ask('cons')).toMatch(
      /^ \/127\.0\.0\.1:\d+\[1\]\(queued=0,recved=6,sent=6,sid=0x2,lop=PING,est=17000000\d+,to=10000,lcxid=0x4,lzxid=0x3,lresp=1000,llat=0,minlat=0,avglat=0,maxlat=0\)\n \/127\.0\.0\.1:\d+\[1\]\(queued=0,recved=1,sent=0\)\n\n$/,
    );
  });

  it('crst and srst begin to count anew', async () => {
    await withClient();
    expect(await ask('crst')).toBe('Connection stats reset.\n');
    expect(await ask('cons')).toMatch(
      /recved=0,sent=0,sid=0x2,lop=NA,est=\d+,to=10000,lzxid=0xffffffffffffffff,/,
    );
    expect(await ask('srst')).toBe('Server stats reset.\n');
    expect(await ask('srvr')).toContain('\nReceived: 1\nSent: 0\n');
  });

  it('conf tells the settings in the order of ZooKeeper, and members when there are others', async () => {
    server = await TestServer.start({ clientPort: 0 });
    const keys = (text: string): string[] =>
      text.split('\n').map((line) => line.replace(/=.*/, ''));
    const own = [
      ...['clientPort', 'secureClientPort', 'dataDir', 'dataDirSize', 'dataLogDir', 'dataLogSize'],
      ...['tickTime', 'maxClientCnxns', 'minSessionTimeout', 'maxSessionTimeout'],
      ...['clientPortListenBacklog', 'serverId'],
    ];
    const alone = await ask('conf');
    expect(keys(alone)).toEqual([...own, '']);
    expect(alone).toContain('\nminSessionTimeout=4000\nmaxSessionTimeout=40000\n');
    await server.stop();

    const member = { host: '10.0.0.1', port: 2888, clientPort: 2181 };
    const members = [
      { ...member, id: 1, kind: 'voter' },
      { ...member, id: 2, kind: 'learner', host: '::1', clientPort: undefined },
    ] as const;
    const node = {
      nodeId: 1,
      dataDir: '/d',
      members,
      timing: { ...TIMING_DEFAULT, electionTicksMin: 40 },
    };
    server = await TestServer.start({ node });
    const text = await ask('conf');
    expect(keys(text)).toEqual([
      ...[...own, 'initLimit', 'syncLimit', 'electionAlg', 'electionPort', 'quorumPort'],
      ...['peerType', 'membership: ', 'server.1', 'server.2', 'version'],
    ]);
    expect(text).toContain('server.1=10.0.0.1:2888:2888:participant;0.0.0.0:2181\n');
    expect(text).toMatch(/server\.2=\[::1\]:2888:2888:observer\nversion=0$/);
  });

  it('dirs tells what the data takes', async () => {
    server = await TestServer.start();
    expect(await ask('dirs')).toBe('datadir_size: 0\nlogdir_size: 0\n');
  });

  it('dump tells of a leader when each session expires, with its ephemerals', async () => {
    await withClient();
    const at = '[A-Z][a-z]{2} Nov 14 22:13:\\d\\d UTC 2023';
    expect(await ask('dump')).toMatch(
      new RegExp(
        `^SessionTracker dump:\nSession Sets \\(1\\)/\\(1\\):\n1 expire at ${at}:\n\t0x2\n` +
          'ephemeral nodes dump:\nSessions with Ephemerals \\(1\\):\n0x2:\n\t/e\n' +
          `Connections dump:\nConnections Sets \\(2\\)/\\(2\\):\n` +
          `1 expire at ${at}:\n\tip: /127.0.0.1:\\d+ sessionId: 0x2\n` +
          `1 expire at ${at}:\n\tip: /127.0.0.1:\\d+ sessionId: 0x0\n$`,
      ),
    );
  });

  it('dump tells of a follower only the sessions and their timeouts', async () => {
    await withClient();
    server.consensus.follow(2);
    expect(await ask('dump')).toContain(
      'SessionTracker dump:\nGlobal Sessions(1):\n0x2\t10000ms\nephemeral nodes dump:\n',
    );
  });

  it('wchs, wchc and wchp tell who watches what', async () => {
    await withClient();
    expect(await ask('wchs')).toBe('1 connections watching 3 paths\nTotal watches:3\n');
    expect(await ask('wchc')).toBe('0x2\n\t/e\n\t/never\n\n');
    expect(await ask('wchp')).toBe('/e\n\t0x2\n/never\n\t0x2\n\n');
  });

  it('fovr tells every change of leadership, and mntr how long they took', async () => {
    server = await TestServer.start();
    const failover: Failover = {
      ...{ number: 2, beganAtMs: 1.5, cause: 'silence', totalMs: 300.25 },
      ...{ oldLeaderId: 3, oldTerm: 4, newLeaderId: 1, newTerm: 5 },
      phasesMs: { suspect: 290, confirm: 4, elect: 3, catchUp: 2, serve: 1.25 },
    };
    server.consensus.history.add({ ...failover, number: 1, cause: 'start' });
    server.consensus.history.add(failover);
    const answer = JSON.parse(await ask('fovr')) as { node: number; failovers: Failover[] };
    expect(answer.node).toBe(1);
    expect(answer.failovers).toMatchObject([{ cause: 'start' }, failover]);
    const values = (await ask('mntr')).split('\n');
    const expected = ['cnt_failover_time\t1', 'max_failover_catch_up_time\t2.0'];
    expected.push('failover_time_le_200\t0', 'failover_time_le_500\t1', 'failover_time_le_inf\t1');
    for (const line of expected) expect(values).toContain(`zk_${line}`);
  });

  it('mntr has a name and a value in each line, and more of them on a leader', async () => {
    await withClient();
    const lines = async (): Promise<string[]> => (await ask('mntr')).trimEnd().split('\n');
    const alone = await lines();
    for (const line of alone) expect(line).toMatch(/^zk_[a-z0-9_]+\t\S.*$/);
    for (const line of ['server_state\tstandalone', 'watch_count\t3', 'ephemerals_count\t1']) {
      expect(alone).toContain(`zk_${line}`);
    }
    expect(alone.join('\n')).not.toMatch(/followers|quorum_size|peer_state/);
    leadOthers();
    server.nowMs += 4_000;
    const leading = await lines();
    const expected = [
      ...['peer_state\tleading - broadcast', 'learners\t3', 'followers\t2', 'synced_followers\t1'],
      ...['synced_observers\t1', 'quorum_size\t3', 'pending_syncs\t0', 'leader_uptime\t4000'],
    ];
    for (const line of expected) expect(leading).toContain(`zk_${line}`);
  });

  it('mntr counts syncs that wait', async () => {
    const client = await withClient();
    leadOthers();
    server.consensus.hold();
    void client.sync('/');
    await client.ping();
    expect(await ask('mntr')).toContain('\nzk_pending_syncs\t1\n');
    server.consensus.release();
  });

  it('stmk sets the mask that gtmk tells, however its eight bytes come', async () => {
    server = await TestServer.start();
    const mask = Buffer.from([0x7f, 0, 0, 0, 0, 0, 0, 1]);
    expect(await ask(Buffer.concat([Buffer.from('stmk'), mask]))).toBe('9151314442816847873');
    expect(await ask('gtmk')).toBe('9151314442816847873');
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    const answer = new Promise<string>((resolve) => {
      socket.on('data', (chunk) => resolve(chunk.toString()));
    });
    socket.write('stmk');
    await ask('ruok');
    socket.write(Buffer.from([0, 0, 0]));
    await ask('ruok');
    socket.write(Buffer.from([0, 0, 0, 1, 0]));
    expect(await answer).toBe('256');
  });

  it('isro is rw where writes are taken', async () => {
    server = await TestServer.start();
    expect(await ask('isro')).toBe('rw');
  });

  it('hash and dgst tell the same digest', async () => {
    await withClient();
    const digest = /digest (\S+)/.exec(await ask('dgst'))?.[1];
    expect(await ask('hash')).toBe(`3: ${digest}\n`);
  });

  it('envi has the keys of ZooKeeper in its order', async () => {
    server = await TestServer.start();
    const keys = [...(await ask('envi')).matchAll(/^(\S+)=/gm)].map(([, key]) => key);
    expect(keys.slice(0, 18)).toEqual([
      ...['zookeeper.version', 'host.name', 'java.version', 'java.vendor', 'java.home'],
      ...['java.class.path', 'java.library.path', 'java.io.tmpdir', 'java.compiler', 'os.name'],
      ...['os.arch', 'os.version', 'user.name', 'user.home', 'user.dir'],
      ...['os.memory.free', 'os.memory.max', 'os.memory.total'],
    ]);
  });
});
