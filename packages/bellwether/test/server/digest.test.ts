import {
  ErrorCode,
  JuteReader,
  OpCode,
  Permission,
  readWhoAmIResponse,
} from '@bellwether/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { DIGEST_ALGORITHMS, digestId } from '../../src/server/digest-scheme.ts';
import { TestServer } from './support/test-server.ts';

/**
 * What ZooKeeper 3.9.3 prints: `java -Dzookeeper.DigestAuthenticationProvider.digestAlg=ALGORITHM
 * org.apache.zookeeper.server.auth.DigestAuthenticationProvider ann:secret 'björn:pä:ss 語'`.
 */
const GOLDEN = {
  SHA1: ['ann:7RJfAeIvrl4zdj6sS2fXrQHDvHM=', 'björn:8VY0O7Mw12k3u9dpFHdqE+KRd+M='],
  'SHA-256': [
    'ann:gW+b8HZum3TwTstGfpl32bPArFr4tjcyRtV13gDSyK0=',
    'björn:0s4EVURt0zWAc0uGaz/+Nw1B1gzlkQ7jniX68Ku+nUM=',
  ],
  'SHA-384': [
    'ann:Sl0dTVBjjRRRX5iyGW057QMtzMofC5ylGHCoRsF7YguIenlsgHuMZLd22RA2u07S',
    'björn:eMmv9HrsmfTtCt+7EaritolYXvUIBEwPKKmUlU7px8LONQI4bOOKI2dxchQueAmV',
  ],
  'SHA-512': [
    'ann:lVMYHROV+NGkSUWy/Es9qho4J4cgm1epH8EgdfP8F7i0eLt92R/Aea8IKNSohiaNjifc0cxJFw64HTSR91JmxQ==',
    'björn:RNWC9tWNvgPT95nfQ/7Rlu6zhF6RKcQkc/aj/wVLzjIEAUiU3GeLCFQDiIJcE3bnTKOmBA8OlXBHcogq3CZEVA==',
  ],
  'SHA3-256': [
    'ann:UX6NEyZzCavaSL9pxCOlQRya9nMGxytoMcPFAs8Q+FA=',
    'björn:YVgqbERtW6lHdDd9zhgTKUhf0TqgihYvbkXjIBtQ5wk=',
  ],
  'SHA3-512': [
    'ann:AswKAWbiORNycGwK0vwot9AI1O2CzQltnjRt8yoRoMly3WoEEeoNHry3RTCgJzSSL/VFuGnknKZzNmIDDQCo9Q==',
    'björn:XIqs2jiZeXUS8BGc+c0jMDbilDflOe58Gnwr6kR+uiml3PFbrV+S3ZQKPNkLyxN4JWOnRXDdwp3C4IxiZL6xeA==',
  ],
} as const;

const { all, read } = Permission;
const ANN_SHA256 = GOLDEN['SHA-256'][0];

let server: TestServer;

describe('digest', () => {
  afterEach(() => server.stop());

  it.each(DIGEST_ALGORITHMS)('%s is that of ZooKeeper, and opens what ACLs close', async (name) => {
    const [ann, björn] = GOLDEN[name];
    expect(digestId('ann:secret', name)).toBe(ann);
    expect(digestId('björn:pä:ss 語', name)).toBe(björn);
    server = await TestServer.start({ digest: { algorithm: name, superUser: undefined } });
    const client = await server.client();
    const acls = [{ perms: all, scheme: 'digest', id: ann }];
    expect((await client.create('/own', 'x', 0, acls)).error).toBe(ErrorCode.ok);
    expect((await client.getData('/own')).error).toBe(ErrorCode.noAuth);
    expect((await client.auth('digest', 'ann:Secret')).error).toBe(ErrorCode.ok);
    expect((await client.getData('/own')).error).toBe(ErrorCode.noAuth);
    expect((await client.auth('digest', 'ann:secret')).error).toBe(ErrorCode.ok);
    expect((await client.getData('/own')).error).toBe(ErrorCode.ok);
  });

  it('of bytes that are no UTF-8 is that of ZooKeeper, which makes text of them first', async () => {
    server = await TestServer.start();
    const proof = Buffer.concat([Buffer.from('ann:'), Buffer.of(0xff, 0xe4, 0x78, 0xe8, 0xaa)]);
    expect(digestId(proof, 'SHA1')).toBe('ann:+ECWzMVb1tEj3nG5uWwoxKw0Wgo=');
  });

  it('of another algorithm opens nothing', async () => {
    server = await TestServer.start({ digest: { algorithm: 'SHA-256', superUser: undefined } });
    const client = await server.client();
    const acls = [{ perms: all, scheme: 'digest', id: GOLDEN.SHA1[0] }];
    await client.create('/own', 'x', 0, acls);
    await client.auth('digest', 'ann:secret');
    expect((await client.getData('/own')).error).toBe(ErrorCode.noAuth);
  });
});

describe('the super user', () => {
  afterEach(() => server.stop());

  it('may do everything, knows it, and is nobody where `auth` is written down', async () => {
    server = await TestServer.start({ digest: { algorithm: 'SHA-256', superUser: ANN_SHA256 } });
    const other = await server.client();
    const closed = [{ perms: read, scheme: 'digest', id: 'ben:hash' }];
    await other.create('/closed', 'x', 0, closed);
    expect((await other.getData('/closed')).error).toBe(ErrorCode.noAuth);
    const ann = await server.client();
    await ann.auth('digest', 'ann:secret');
    expect((await ann.getData('/closed')).error).toBe(ErrorCode.ok);
    expect((await ann.setData('/closed', 'y')).error).toBe(ErrorCode.ok);
    const reply = await ann.send(OpCode.whoAmI, () => undefined);
    expect(readWhoAmIResponse(new JuteReader(reply.body)).clientInfo).toEqual([
      { authScheme: 'ip', user: '127.0.0.1' },
      { authScheme: 'super', user: '' },
      { authScheme: 'digest', user: 'ann' },
    ]);
    await ann.create('/by-auth', '', 0, [{ perms: all, scheme: 'auth', id: '' }]);
    expect(
      server.server.coordinator.getAcl('/by-auth', [{ scheme: 'digest', id: ANN_SHA256 }]),
    ).toMatchObject({
      acls: [{ perms: all, scheme: 'digest', id: ANN_SHA256 }],
    });
  });

  it('is not whoever has the right name, nor the hash itself', async () => {
    server = await TestServer.start({ digest: { algorithm: 'SHA-256', superUser: ANN_SHA256 } });
    const client = await server.client();
    await client.create('/closed', 'x', 0, [{ perms: read, scheme: 'digest', id: 'ben:hash' }]);
    for (const proof of ['ann:guess', 'ann:', 'ann', ANN_SHA256, 'super:secret']) {
      await client.auth('digest', proof);
      expect((await client.getData('/closed')).error).toBe(ErrorCode.noAuth);
    }
    const another = await server.client();
    expect((await another.auth('super', '')).error).toBe(ErrorCode.authFailed);
  });
});
