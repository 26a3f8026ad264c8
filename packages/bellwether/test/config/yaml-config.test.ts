import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatFinding, ConfigError } from '../../src/config/findings.ts';
import { loadConfig, type LoadedConfig } from '../../src/config/load-config.ts';
import { scratchDirectory } from '../support/scratch.ts';

const FULL = `
clusterId: orders
nodeId: 2
dataDir: data
client: { address: 127.0.0.1, port: 2182, readOnly: true, reconfig: true }
join: true
removeDeadAfterMs: 3600000
admin: { port: 9090, path: /ops, changes: nowhere }
digest: { algorithm: SHA-256, superUser: 'ann:gW+b8HZum3TwTstGfpl32bPArFr4tjcyRtV13gDSyK0=' }
sasl: { users: { ann: secret } }
peerListenAddress: 0.0.0.0
peers:
  - { id: 3, host: c.example, port: 2890, role: learner }
  - { id: 1, host: a.example, port: 2888, clientPort: 2181, priority: 3 }
  - { id: 2, host: "::1", port: 2889, clientPort: 2182 }
session: { timeoutMsMin: 2000, timeoutMsMax: 20000 }
limits:
  connectionsPerAddressMax: 0
  connectionsMax: 50
  frameBytesMax: 2000000
  outstandingMax: 2000
  watchesPerSessionMax: 0
  quotas: enforced
  containerCheckMs: 5000
  containerNeverUsedMsMax: 600000
timing: { tickMs: 20, heartbeatTicks: 2, electionTicksMin: 10, electionTicksSpread: 5, silenceMsMin: 90 }
fourLetterWords: [stat, ruok]
log: { level: debug, format: json }
`;

function load(text: string): LoadedConfig {
  return loadConfig(join(scratchDirectory({ 'node.yaml': text }), 'node.yaml'));
}

/** `line:column: what: advice` of every mistake. */
function mistakesOf(text: string): string[] {
  const directory = scratchDirectory({ 'node.yaml': text });
  try {
    loadConfig(join(directory, 'node.yaml'));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.findings.map((finding) =>
      formatFinding(finding).replace(`${join(directory, 'node.yaml')}:`, ''),
    );
  }
  throw new Error('the settings were accepted');
}

describe('a good file', () => {
  test('every setting reaches the node', () => {
    const { config, warnings } = load(FULL);
    expect(config).toEqual({
      clusterId: 'orders',
      nodeId: 2,
      dataDir: expect.stringMatching(/bellwether-test-\w+\/data$/) as string,
      client: { address: '127.0.0.1', port: 2182 },
      peerListen: { address: '0.0.0.0', port: 2889 },
      members: [
        { id: 1, kind: 'voter', host: 'a.example', port: 2888, clientPort: 2181, priority: 3 },
        { id: 2, kind: 'voter', host: '::1', port: 2889, clientPort: 2182 },
        { id: 3, kind: 'learner', host: 'c.example', port: 2890, clientPort: undefined },
      ],
      session: { timeoutMsMin: 2000, timeoutMsMax: 20000 },
      start: 'joins',
      removeDeadAfterMs: 3_600_000,
      reconfig: 'allowed',
      readOnly: 'served',
      digest: {
        algorithm: 'SHA-256',
        superUser: 'ann:gW+b8HZum3TwTstGfpl32bPArFr4tjcyRtV13gDSyK0=',
      },
      saslUsers: new Map([['ann', 'secret']]),
      admin: { address: '127.0.0.1', port: 9090, commandPath: '/ops', changes: 'nowhere' },
      limits: {
        connectionsPerAddressMax: 0,
        connectionsMax: 50,
        frameBytesMax: 2_000_000,
        outstandingMax: 2_000,
        watchesPerSessionMax: 0,
        quotas: 'enforced',
        containerCheckMs: 5_000,
        containerNeverUsedMsMax: 600_000,
      },
      timing: {
        tickMs: 20,
        heartbeatTicks: 2,
        electionTicksMin: 10,
        electionTicksSpread: 5,
        silenceMsMin: 90,
        silenceMsMax: 800,
      },
      fourLetterWords: ['isro', 'ruok', 'stat'],
      log: { level: 'debug', format: 'json' },
    });
    expect(warnings.map((warning) => warning.what)).toEqual(['the cluster has 2 voters']);
  });

  test('the example in the documentation is one', () => {
    const docs = readFileSync(
      new URL('../../../../docs/configuration.md', import.meta.url),
      'utf8',
    );
    const example = /```yaml\n([\s\S]*?)```/.exec(docs)?.[1] ?? '';
    const { config, warnings } = load(example);
    expect(config.members).toHaveLength(3);
    expect(warnings).toEqual([]);
    const { config: minimal } = load('nodeId: 1\ndataDir: d\n');
    const { session, limits, timing, log } = minimal;
    expect(config).toMatchObject({ session, limits, timing, log });
  });

  test('there must be somebody to join', () => {
    const why = 'list the members under peers, and this node with them';
    expect(mistakesOf('nodeId: 1\ndataDir: d\njoin: true\n')).toEqual([
      `3:1: there is nobody to join: ${why}`,
    ]);
  });

  test('two settings are enough for a node on its own', () => {
    const { config, warnings } = load('nodeId: 1\ndataDir: /var/lib/bellwether\n');
    expect(config).toMatchObject({
      clusterId: 'bellwether',
      dataDir: '/var/lib/bellwether',
      client: { address: undefined, port: 2181 },
      peerListen: undefined,
      members: [{ id: 1, kind: 'voter', host: '127.0.0.1', port: 0, clientPort: 2181 }],
      fourLetterWords: ['fovr', 'hlth', 'srvr'],
    });
    expect(warnings).toEqual([]);
  });

  test('the other nodes are awaited at the own host unless another address is given', () => {
    const peers = 'peers: [{ id: 1, host: 10.0.0.1, port: 2888 }]';
    const { config } = load(`nodeId: 1\ndataDir: d\n${peers}\n`);
    expect(config.peerListen).toEqual({ address: '10.0.0.1', port: 2888 });
  });

  test('a star stands for all four-letter words', () => {
    const { config } = load('nodeId: 1\ndataDir: d\nfourLetterWords: ["*"]\n');
    expect(config.fourLetterWords).toEqual(
      expect.arrayContaining(['conf', 'mntr', 'ruok', 'stat']),
    );
  });
});

describe('a bad file', () => {
  test.each([
    ['{ silenceMsMin: 50 }', 'silenceMsMin (50) is not above the time between two heartbeats (50)'],
    ['{ silenceMsMin: 900, silenceMsMax: 800 }', 'silenceMsMin (900) is above silenceMsMax (800)'],
  ])('the bounds of silence must make sense: %s', (timing, mistake) => {
    expect(mistakesOf(`nodeId: 1\ndataDir: d\ntiming: ${timing}\n`)).toEqual([
      expect.stringContaining(mistake),
    ]);
  });

  test('rare heartbeats widen the bounds of silence that are not written', () => {
    const { config } = load('nodeId: 1\ndataDir: d\ntiming: { heartbeatTicks: 20 }\n');
    expect(config.timing).toMatchObject({ silenceMsMin: 800, silenceMsMax: 3200 });
  });

  test('every mistake is reported at once, in order, with its line and column', () => {
    const text = `clusterId: "a b"
nodeID: 1
dataDir:
client: { port: 99999, addres: x }
peers:
  - { id: 1, host: a, port: 2888, rol: voter }
  - { id: 1, host: "a:2", port: x }
  - { id: 2, host: b, port: 2888 }
  - { id: 3, host: b, port: 2888 }
session:
  timeoutMsMin: 5000
  timeoutMsMax: 400
timing: { heartbeatTicks: 100 }
fourLetterWords: [ruok, xxxx]
log: debug
`;
    expect(mistakesOf(text).map((mistake) => mistake.slice(0, 76))).toEqual([
      '1:1: nodeId is missing: it must be a whole number from 1 to 4294967295',
      '1:12: clusterId is "a b": it must be a name of 1 to 64 letters, digits, dots',
      '2:1: there is no setting "nodeID": did you mean "nodeId"?',
      '3:9: dataDir is empty: it must be the path of a directory',
      '4:17: client.port is 99999: it must be a whole number from 0 to 65535',
      '4:24: there is no setting "client.addres": did you mean "address"?',
      '6:35: there is no setting "peers[0].rol": did you mean "role"?',
      '7:11: two members have id 1: line 6 has it already; every member needs its o',
      '7:20: peers[1].host is "a:2": it must be a host name or an IP address, witho',
      '7:33: peers[1].port is "x": it must be a whole number from 1 to 65535',
      '9:5: two members have address b port 2888: line 8 has it already; every memb',
      '11:3: the shortest session timeout (5000 ms) is longer than the longest (400',
      '13:9: heartbeatTicks (100) is not below electionTicksMin (100): followers mu',
      '14:25: fourLetterWords[1] is "xxxx": it must be a four-letter word (conf, co',
      '15:6: log is "debug": it must be a group with the keys level, format',
    ]);
  });

  test.each([
    ['nodeId: 4', '1:9: node 4 is not a member: the list of members must hold this node too'],
    ['nodeId: 1', '3:18: port 2888 is both for clients and for the other nodes'],
    ['nodeId: 2', '3:18: client.port is 2888, but peers say 2182 for this node'],
  ])('%s does not fit the members', (nodeId, expected) => {
    const text = `${nodeId}
dataDir: d
client: { port:  2888 }
peers:
  - { id: 1, host: a, port: 2888 }
  - { id: 2, host: b, port: 2889, clientPort: 2182 }
  - { id: 3, host: c, port: 2890 }
`;
    expect(mistakesOf(text)).toEqual([expect.stringContaining(expected)]);
  });

  test('a cluster of learners alone cannot work', () => {
    const peer = '{ id: 1, host: a, port: 1, role: learner }';
    expect(mistakesOf(`nodeId: 1\ndataDir: d\npeers: [${peer}]\n`)).toEqual([
      '3:9: no member votes: at least one must be a voter',
    ]);
  });

  test('a super user whom no password makes is a mistake', () => {
    const base = 'nodeId: 1\ndataDir: d\n';
    expect(
      mistakesOf(`${base}digest: { algorithm: SHA-256, superUser: 'ann:7RJfAeI=' }\n`),
    ).toEqual([
      '3:42: no password makes this the super user: it must be user:hash, ' +
        'with the 44 characters of SHA-256 in base64',
    ]);
    expect(mistakesOf(`${base}digest: { superUser: ${'x'.repeat(28)} }\n`)).toHaveLength(1);
    expect(mistakesOf(`${base}digest: { algorithm: MD5 }\n`)).toEqual([
      expect.stringContaining('digest.algorithm is "MD5": it must be one of SHA1, SHA-256'),
    ]);
  });

  test('a file that is not YAML is reported where it stops being that', () => {
    expect(mistakesOf('nodeId: 1\ndataDir: [a\nclient: {\n')[0]).toMatch(
      /^\d+:\d+: this is not YAML/,
    );
  });

  test('a key that is written twice is a mistake beside the others', () => {
    expect(mistakesOf('nodeId: 1\nnodeId: 2\ndataDir: 7\n')).toEqual([
      '2:1: a key is written twice: keep one of them',
      '3:10: dataDir is 7: it must be the path of a directory',
    ]);
  });

  test.each(['', '# nothing\n', '- 1\n', 'just text\n'])('%j is not a set of settings', (text) => {
    expect(mistakesOf(text).length).toBeGreaterThan(0);
  });

  test('a file that is not there is named', () => {
    const file = join(scratchDirectory(), 'none.yaml');
    expect(() => loadConfig(file)).toThrow(/none\.yaml:1:1: it cannot be read: ENOENT/);
  });
});
