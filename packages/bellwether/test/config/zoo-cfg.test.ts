import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TIMING_DEFAULT } from '../../src/config/defaults.ts';
import { ConfigError } from '../../src/config/findings.ts';
import { loadConfig, type LoadedConfig } from '../../src/config/load-config.ts';
import { scratchDirectory } from '../support/scratch.ts';

const SERVERS = `server.1=zoo1:2888:3888
server.2=zoo2:2888:3888:participant;2182
server.3=zoo3:2888:3888:observer;127.0.0.1:2183
server.4=[fe80::1]:2888:3888;[::1]:2184
`;

interface Case {
  readonly text: string;
  readonly myid?: string;
}

/** Loads `text` with its dataDir beside it. */
function load({ text, myid }: Case): LoadedConfig {
  const files = myid === undefined ? {} : { 'data/myid': myid };
  const directory = scratchDirectory(files);
  const file = scratchDirectory({ 'zoo.cfg': text.replaceAll('DATA', join(directory, 'data')) });
  return loadConfig(join(file, 'zoo.cfg'));
}

function mistakesOf(input: Case): [number, string][] {
  try {
    load(input);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.findings.map(({ place, what }) => [place.line, what]);
  }
  throw new Error('the settings were accepted');
}

function warningsOf(input: Case): [number, string, string][] {
  return load(input).warnings.map(({ place, what, advice }) => [place.line, what, advice]);
}

describe('an ensemble', () => {
  test('is read as the sample file of ZooKeeper has it', () => {
    const text = `tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=DATA\nclientPort=2181\n${SERVERS}`;
    const { config, notes } = load({ text, myid: '1\n' });
    expect(config).toMatchObject({
      clusterId: 'bellwether',
      nodeId: 1,
      client: { address: undefined, port: 2181 },
      peerListen: { address: 'zoo1', port: 2888 },
      session: { timeoutMsMin: 4000, timeoutMsMax: 40000 },
      limits: { connectionsPerAddressMax: 60 },
      fourLetterWords: ['fovr', 'hlth', 'srvr'],
    });
    const [election, everywhere] = [{ electionPort: 3888 }, { clientAddress: undefined }];
    expect(config.members).toEqual([
      { id: 1, kind: 'voter', host: 'zoo1', port: 2888, ...election },
      {
        id: 2,
        kind: 'voter',
        host: 'zoo2',
        port: 2888,
        ...election,
        ...everywhere,
        clientPort: 2182,
      },
      {
        id: 3,
        kind: 'learner',
        host: 'zoo3',
        port: 2888,
        ...election,
        clientAddress: '127.0.0.1',
        clientPort: 2183,
      },
      {
        id: 4,
        kind: 'voter',
        host: 'fe80::1',
        port: 2888,
        ...election,
        clientAddress: '::1',
        clientPort: 2184,
      },
    ]);
    expect(config).toMatchObject({ start: 'founds', reconfig: 'refused' });
    expect(config.dataDir).toMatch(/data\/bellwether$/);
    expect(notes.map((note) => note.what)).toEqual([
      'initLimit=10 is not needed',
      'the second port of the server lines is not used',
    ]);
  });

  test.each([
    ['tickTime=2000\nsyncLimit=5', 1],
    ['tickTime=2000\nsyncLimit=15', 3],
    ['tickTime=500\nsyncLimit=2', 1],
    ['syncLimit=1000', 20],
    ['tickTime=60000', 1],
  ])('more patience than is customary widens what a silence may be: %s', (text, patience) => {
    const { config } = load({ text: `${text}\ndataDir=DATA\n${SERVERS}`, myid: '4\n' });
    expect(config.timing).toMatchObject({
      silenceMsMin: TIMING_DEFAULT.silenceMsMin,
      silenceMsMax: TIMING_DEFAULT.silenceMsMax * patience,
      electionTicksMin: TIMING_DEFAULT.electionTicksMin * patience,
    });
  });

  test('the client port may stand in the own server line alone', () => {
    const { config } = load({ text: `dataDir=DATA\n${SERVERS}`, myid: '4' });
    expect(config.client).toEqual({ address: '::1', port: 2184 });
  });

  test('of several addresses the first is used and the others are warned about', () => {
    const text = 'dataDir=DATA\nserver.1=net-a:1:2|net-b:3:4;2181\n';
    const { config, warnings } = load({ text, myid: '1' });
    expect(config.members[0]).toMatchObject({ host: 'net-a', port: 1, clientPort: 2181 });
    expect(warnings.map(({ what, advice }) => `${what}: ${advice}`)).toEqual([
      'server.1 has several addresses: only the first is used, net-a port 1',
    ]);
  });

  test('reconfig is allowed where it was', () => {
    const { config } = load({ text: `dataDir=DATA\nreconfigEnabled=true\n${SERVERS}`, myid: '2' });
    expect(config.reconfig).toBe('allowed');
  });

  test('listens for the others everywhere when it is told so', () => {
    const text = `dataDir=DATA\nquorumListenOnAllIPs=true\n${SERVERS}`;
    expect(load({ text, myid: '2' }).config.peerListen).toEqual({ address: undefined, port: 2888 });
  });

  test('server lines may be in the dynamic file', () => {
    const dynamic = join(scratchDirectory({ 'zoo.dynamic': SERVERS }), 'zoo.dynamic');
    const text = `dataDir=DATA\ndynamicConfigFile=${dynamic}\n`;
    expect(load({ text, myid: '2' }).config.members).toHaveLength(4);
  });

  test.each([
    ['zoo1:2888', 'does not have the right number of parts'],
    ['zoo1:2888:3888:leader', '"leader" is not a role; write participant or observer'],
    ['zoo1:2888:x', '"x" is not a port (1 to 65535)'],
    ['zoo1:2888:70000', '"70000" is not a port (1 to 65535)'],
    ['zoo1:2888:3888:participant:9', 'does not have the right number of parts'],
    ['zoo1:2888:3888;1;2', 'there are two semicolons'],
    ['zoo1:2888:3888;', '";" is not a client port'],
    ['zoo1:2888:3888;a:b:1', '";a:b:1" is not a client port'],
    ['a b:2888:3888', '"a b" is not a host name or address'],
    ['', '"" is not a host name or address'],
    ['zoo1:1:2|zoo2', 'does not have the right number of parts'],
  ])('server.1=%s is refused', (value, expected) => {
    const text = `dataDir=DATA\nclientPort=2181\nserver.1=${value}\nserver.2=b:1:2\n`;
    try {
      load({ text, myid: '2' });
      expect.unreachable();
    } catch (error) {
      expect(String(error)).toContain(expected);
      expect(String(error)).toContain('zoo.cfg:3:');
    }
  });
});

describe('a server on its own', () => {
  test('needs neither server lines nor myid', () => {
    const { config } = load({ text: 'dataDir=DATA\nclientPort=2181\nclientPortAddress=::1\n' });
    expect(config).toMatchObject({
      nodeId: 1,
      client: { address: '::1', port: 2181 },
      peerListen: undefined,
      members: [{ id: 1, port: 0 }],
      session: { timeoutMsMin: 6000, timeoutMsMax: 60000 },
    });
  });

  test('keeps the id of its myid', () => {
    const text = 'dataDir=DATA\nclientPort=2181\n';
    expect(load({ text, myid: '7' }).config.nodeId).toBe(7);
  });
});

describe('values', () => {
  const base = 'dataDir=DATA\nclientPort=2181\n';

  test('session bounds, connection limits and words are taken over', () => {
    const text = `${base}minSessionTimeout=1500\nmaxSessionTimeout=-1\nmaxClientCnxns=0\nmaxCnxns=9
4lw.commands.whitelist=stat, ruok ,mntr\n`;
    expect(load({ text }).config).toMatchObject({
      session: { timeoutMsMin: 1500, timeoutMsMax: 60000 },
      limits: { connectionsPerAddressMax: 0, connectionsMax: 9 },
      // srvr is always answered, as in ZooKeeper.
      fourLetterWords: ['mntr', 'ruok', 'srvr', 'stat'],
    });
  });

  test('limits of ZooKeeper are taken over, or raised to what one connection may have', () => {
    const limitsOf = (lines: string) => load({ text: `${base}${lines}\n` }).config.limits;
    expect(limitsOf('jute.maxbuffer=2000000\nglobalOutstandingLimit=5000')).toMatchObject({
      frameBytesMax: 2_000_000,
      outstandingMax: 5_000,
    });
    expect(limitsOf('globalOutstandingLimit=100')).toMatchObject({
      frameBytesMax: 1_048_575,
      outstandingMax: 1_001,
    });
  });

  test('read-only clients are served where ZooKeeper would, and may ask with isro', () => {
    expect(load({ text: `${base}readonlymode.enabled=true\n` }).config).toMatchObject({
      readOnly: 'served',
      fourLetterWords: ['fovr', 'hlth', 'isro', 'srvr'],
    });
    expect(load({ text: base }).config).toMatchObject({
      readOnly: 'refused',
      fourLetterWords: ['fovr', 'hlth', 'srvr'],
    });
  });

  test('the admin server has to be asked for, and is reached from this machine only', () => {
    const adminOf = (lines: string) => load({ text: `${base}${lines}\n` }).config.admin;
    expect(adminOf('')).toBeUndefined();
    expect(adminOf('admin.enableServer=false\nadmin.serverPort=9090')).toBeUndefined();
    const local = { changes: 'local', commandPath: '/commands' };
    const there = { address: '127.0.0.1', port: 8080 };
    expect(adminOf('admin.enableServer=true')).toEqual({ ...local, ...there });
    const wanted = 'admin.serverPort=9090\nadmin.serverAddress=0.0.0.0\nadmin.commandURL=/zk/ops';
    expect(adminOf(wanted)).toEqual({
      ...{ address: '0.0.0.0', port: 9090, commandPath: '/zk/ops' },
      changes: 'local',
    });
  });

  test('when containers go is set as in ZooKeeper', () => {
    const text = `${base}znode.container.checkIntervalMs=500\nznode.container.maxNeverUsedIntervalMs=7000\n`;
    const { limits } = load({ text }).config;
    expect(limits).toMatchObject({ containerCheckMs: 500, containerNeverUsedMsMax: 7_000 });
    expect(warningsOf({ text })).toEqual([]);
    expect(mistakesOf({ text: `${base}znode.container.checkIntervalMs=99\n` })).toHaveLength(1);
  });

  test('mistakes in the limits and in the admin server are reported', () => {
    const text = `${base}jute.maxbuffer=0x10\nadmin.serverPort=8080\nadmin.serverAddress=a b
admin.commandURL=commands\n`;
    expect(mistakesOf({ text })).toEqual([
      [3, 'jute.maxbuffer is "0x10"'],
      [5, 'admin.serverAddress is "a b"'],
      [6, 'admin.commandURL is "commands"'],
    ]);
  });

  test('the format is that of Java properties', () => {
    const text = `! a comment\n  # another\n\ndataDir : DATA\nclientPort\\
    2182\nmaxClientCnxns 5\ntick\\u0054ime=100\n`;
    const { config } = load({ text: text.replace('clientPort\\\n', 'clientPort=\\\n') });
    expect(config.client.port).toBe(2182);
    expect(config.limits.connectionsPerAddressMax).toBe(5);
    expect(config.session.timeoutMsMin).toBe(200);
  });

  test('the last of two lines with the same key holds, with a warning', () => {
    const input = { text: `${base}tickTime=10\ntickTime=20\n` };
    expect(load(input).config.session.timeoutMsMin).toBe(40);
    expect(warningsOf(input)[0]?.slice(0, 2)).toEqual([
      4,
      'tickTime is written twice (before in line 3)',
    ]);
  });

  test.each([
    ['SHA-1', 'SHA1'],
    ['sha256', 'SHA-256'],
    ['SHA-512', 'SHA-512'],
    ['SHA3-256', 'SHA3-256'],
  ])('passwords of scheme digest are hashed by %s', (written, algorithm) => {
    const text = `${base}DigestAuthenticationProvider.digestAlg=${written}\n`;
    expect(load({ text }).config.digest).toEqual({ algorithm, superUser: undefined });
  });

  test('the super user is known, and a hash of another length is a mistake', () => {
    const key = 'DigestAuthenticationProvider.superDigest';
    const text = `${base}${key}=super:D/InIHSb7yEEbrWz8b9l71RjZJU=\n`;
    expect(load({ text }).config.digest.superUser).toBe('super:D/InIHSb7yEEbrWz8b9l71RjZJU=');
    const stronger = `${text}DigestAuthenticationProvider.digestAlg=SHA-256\n`;
    expect(mistakesOf({ text: stronger })).toEqual([[3, 'no password makes this the super user']]);
    const weaker = `${base}DigestAuthenticationProvider.digestAlg=MD5\n`;
    expect(mistakesOf({ text: weaker })).toEqual([
      [3, 'DigestAuthenticationProvider.digestAlg is "MD5"'],
    ]);
  });

  test('keys without effect are warned about with what happens instead', () => {
    const text = `${base}dataLogDir=/fast\nautopurge.purgeInterval=1\nadmin.forceHttps=true
secureClientPort=2281\nskipACL=yes\n`;
    expect(warningsOf({ text }).map(([line, what]) => [line, what])).toEqual([
      [3, 'dataLogDir=/fast has no effect'],
      [4, 'autopurge.purgeInterval=1 has no effect'],
      [5, 'admin.forceHttps=true has no effect'],
      [6, 'secureClientPort=2281 has no effect'],
      [7, 'skipACL=yes has no effect'],
    ]);
  });

  test('an unknown key is warned about by name and line', () => {
    const text = `${base}maxClientCnxn=60\nwhatever.this=1\n`;
    expect(warningsOf({ text })).toEqual([
      [3, 'there is no setting "maxClientCnxn"', 'did you mean "maxClientCnxns"?'],
      [4, 'there is no setting "whatever.this"', 'it has no effect'],
    ]);
  });

  test('protection that would be missing is refused, unless it is off', () => {
    const text = `${base}sslQuorum=true\nquorum.auth.enableSasl=false\nauthProvider.1=org.X\nweight.1=3\n`;
    expect(mistakesOf({ text })).toEqual([
      [3, 'sslQuorum=true cannot be honoured'],
      [5, 'authProvider.1=org.X cannot be honoured'],
      [6, 'weight.1=3 cannot be honoured'],
    ]);
  });

  test('data of a ZooKeeper server is left alone, with a warning', () => {
    const data = scratchDirectory({ 'version-2/snapshot.0': '' });
    const file = join(scratchDirectory({ z: `clientPort=1\ndataDir=${data}\n` }), 'z');
    const { config, warnings } = loadConfig(file);
    expect(config.dataDir).toBe(join(data, 'bellwether'));
    expect(warnings[0]?.what).toContain('is not read');
  });
});

describe('mistakes', () => {
  test('are all reported at once', () => {
    const text = `tickTime=fast\nclientPort=0x10\nclientPortAddress=a b\nminSessionTimeout=-2
server.0=a:1:2\nserver.1=a:1:2\nserver.2=a:1:2\ndynamicConfigFile=/does/not/exist\n`;
    expect(mistakesOf({ text })).toEqual([
      [1, 'dataDir is missing'],
      [1, 'tickTime is "fast"'],
      [2, 'clientPort is "0x10"'],
      [3, 'clientPortAddress is "a b"'],
      [4, 'minSessionTimeout is "-2"'],
      [5, '"server.0" has no possible id'],
      [7, 'two members have address a port 1'],
      [8, expect.stringMatching(/^dynamicConfigFile cannot be read \(ENOENT/)],
    ]);
  });

  const ensemble = `dataDir=DATA\nclientPort=2181\n${SERVERS}`;

  test('a missing myid says where it belongs', () => {
    expect(mistakesOf({ text: ensemble })).toEqual([
      [1, expect.stringMatching(/^there is no file .*data\/myid$/)],
    ]);
  });

  test.each(['', 'one', '0', '1 2', '-1'])('myid %j is refused', (myid) => {
    expect(mistakesOf({ text: ensemble, myid })).toEqual([[1, `"${myid}" is not a node's id`]]);
  });

  test('myid must be one of the servers', () => {
    expect(mistakesOf({ text: ensemble, myid: '9' })).toEqual([[1, 'node 9 is not a member']]);
  });

  test('the client port must be the same in both places, and not the port of the peers', () => {
    expect(mistakesOf({ text: ensemble, myid: '2' })).toEqual([
      [2, "clientPort is 2181, but this node's server line says 2182"],
    ]);
    expect(mistakesOf({ text: 'dataDir=DATA\nclientPort=5\nserver.1=a:5:6\n', myid: '1' })).toEqual(
      [[2, 'port 5 is both for clients and for the other nodes']],
    );
  });
});
