import { createHash } from 'node:crypto';
import {
  ErrorCode,
  OpCode,
  Permission,
  readSaslToken,
  JuteReader,
  writeSaslToken,
} from '@bellwether/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { DigestMd5Exchange } from '../../src/server/digest-md5.ts';
import type { Reply, TestClient } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

const USERS = new Map([
  ['ann', 'secret'],
  ['björn', 'pä:ss'],
  ['日本', '語'],
]);

/** The client's side of RFC 2831, section 2.1.2, written down as it stands there. */
function answerTo(challenge: string, user: string, password: string, change = {}): string {
  const fields = Object.fromEntries(
    [...challenge.matchAll(/([a-z-]+)="?([^",]*)"?/g)].map(([, name, value]) => [name, value]),
  ) as Record<string, string>;
  const isLatin1 = (text: string) => Buffer.from(text, 'latin1').toString('latin1') === text;
  const raw = (text: string) => Buffer.from(text, isLatin1(text) ? 'latin1' : 'utf8');
  const h = (bytes: Buffer) => createHash('md5').update(bytes).digest();
  const said = {
    ...{ realm: fields['realm'], nonce: fields['nonce'], nc: '00000001', cnonce: 'abc+/=' },
    ...{ qop: 'auth', 'digest-uri': 'zookeeper/zk-sasl-md5' },
    ...change,
  };
  const colon = Buffer.from(':');
  const owner = [raw(user), colon, raw(String(said.realm)), colon, raw(password)];
  const a1 = Buffer.concat([h(Buffer.concat(owner)), Buffer.from(`:${said.nonce}:${said.cnonce}`)]);
  const a2 = Buffer.from(`AUTHENTICATE:${said['digest-uri']}`);
  const middle = `${said.nonce}:${said.nc}:${said.cnonce}:${said.qop}`;
  const kd = `${h(a1).toString('hex')}:${middle}:${h(a2).toString('hex')}`;
  const response = h(Buffer.from(kd)).toString('hex');
  return (
    `charset=utf-8,username="${user}",realm="${said.realm}",nonce="${said.nonce}",` +
    `nc=${said.nc},cnonce="${said.cnonce}",digest-uri="${said['digest-uri']}",` +
    `maxbuf=65536,response=${response},qop=${said.qop}`
  );
}

describe('SASL', () => {
  let server: TestServer;
  afterEach(() => server.stop());

  const say = (client: TestClient, token: string | Uint8Array): Promise<Reply> =>
    client.send(OpCode.sasl, (writer) => writeSaslToken(writer, { token: Buffer.from(token) }));

  const tokenOf = (reply: Reply): string =>
    Buffer.from(readSaslToken(new JuteReader(reply.body)).token ?? []).toString();

  /** The reply to the client's answer. */
  async function prove(
    client: TestClient,
    user: string,
    password: string,
    change = {},
  ): Promise<Reply> {
    const challenge = await say(client, '');
    expect(challenge).toMatchObject({ error: ErrorCode.ok, zxid: 0 });
    return say(client, answerTo(tokenOf(challenge), user, password, change));
  }

  it.each([...USERS])(
    'DIGEST-MD5 makes %s known, and proves the server too',
    async (user, secret) => {
      server = await TestServer.start({ saslUsers: USERS });
      const client = await server.client();
      const reply = await prove(client, user, secret);
      expect(reply.error).toBe(ErrorCode.ok);
      expect(tokenOf(reply)).toMatch(/^rspauth=[0-9a-f]{32}$/);
      const acls = [{ perms: Permission.all, scheme: 'sasl', id: user }];
      expect((await client.create('/own', 'x', 0, acls)).error).toBe(ErrorCode.ok);
      expect((await client.getData('/own')).error).toBe(ErrorCode.ok);
      const stranger = await server.client();
      expect((await stranger.getData('/own')).error).toBe(ErrorCode.noAuth);
    },
  );

  it.each([
    ['a wrong password', 'ann', 'Secret', {}],
    ['an unknown name', 'eve', 'secret', {}],
    ['another nonce', 'ann', 'secret', { nonce: 'x' }],
    ['another realm', 'ann', 'secret', { realm: 'x' }],
    ['a second use', 'ann', 'secret', { nc: '00000002' }],
    ['another service', 'ann', 'secret', { 'digest-uri': 'imap/host' }],
    ['a layer of its own', 'ann', 'secret', { qop: 'auth-conf' }],
  ])('%s is refused, and the connection ends', async (_what, user, password, change) => {
    server = await TestServer.start({ saslUsers: USERS });
    const client = await server.client();
    const reply = await prove(client, user, password, change);
    expect(reply.error).toBe(ErrorCode.authFailed);
    // Without a token that is null, Apache's Java client connects again and again.
    expect(reply.body.toString('hex')).toBe('ffffffff');
    await client.closed;
    expect(server.lines.join('')).toContain('WARN  server: SASL failed client=');
    expect(server.server.stats.authFailures).toBe(1);
  });

  it('Kerberos is refused by name', async () => {
    server = await TestServer.start({ saslUsers: USERS });
    const client = await server.client();
    const reply = await say(client, Uint8Array.of(0x60, 0x81, 0x90));
    expect(reply.error).toBe(ErrorCode.authFailed);
    await client.closed;
    expect(server.lines.join('')).toContain('reason="Kerberos is not spoken here"');
  });

  it('is refused where there are no users, and what is malformed everywhere', async () => {
    server = await TestServer.start();
    const client = await server.client();
    expect((await say(client, '')).error).toBe(ErrorCode.authFailed);
    await client.closed;
    const other = await server.client();
    const cut = await other.send(OpCode.sasl, (writer) => writer.writeInt(100));
    expect(cut.error).toBe(ErrorCode.authFailed);
    await other.closed;
  });

  it('takes an answer to each challenge once', () => {
    const exchange = new DigestMd5Exchange(USERS);
    const answer = Buffer.from(answerTo(exchange.challenge().toString(), 'ann', 'secret'));
    expect(exchange.verify(answer)).toMatchObject({ outcome: 'done', user: 'ann' });
    expect(exchange.verify(answer)).toMatchObject({ outcome: 'failed' });
  });
});
