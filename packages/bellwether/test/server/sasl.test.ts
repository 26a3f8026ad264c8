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
import { answerTo } from './support/digest-md5-client.ts';
import type { Reply, TestClient } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

const USERS = new Map([
  ['ann', 'secret'],
  ['björn', 'pä:ss'],
  ['日本', '語'],
]);

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
