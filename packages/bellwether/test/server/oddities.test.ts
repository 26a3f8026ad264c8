import { ErrorCode, OpCode, SpecialXid, writeAuthRequest } from '@bellwether/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestClient } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

/** Found by comparing with Apache ZooKeeper, request by request. */
describe('what ZooKeeper answers in a way of its own', () => {
  let server: TestServer;
  let client: TestClient;

  beforeEach(async () => {
    server = await TestServer.start();
    client = await server.client();
  });
  afterEach(() => server.stop());

  it('an address may be offered as proof, and nothing comes of it', async () => {
    expect((await client.auth('ip', '10.0.0.1')).error).toBe(ErrorCode.ok);
    const foreign = [{ perms: 31, scheme: 'ip', id: '10.0.0.1' }];
    await client.create('/foreign', '', 0, foreign);
    expect((await client.getData('/foreign')).error).toBe(ErrorCode.noAuth);
  });

  it('a ping is answered under the number of pings, whichever it has', async () => {
    void client.send(OpCode.ping, () => undefined, 7);
    await client.ping();
    const [first, second] = client.arrived;
    expect([first, second]).toMatchObject([{ xid: SpecialXid.ping }, { xid: SpecialXid.ping }]);
  });

  it('an ACL without a scheme is invalid, not malformed', async () => {
    const reply = await client.send(OpCode.create, (writer) => {
      writer.writeString('/null');
      writer.writeBuffer(null);
      writer.writeInt(1);
      writer.writeInt(31);
      writer.writeString(null);
      writer.writeString(null);
      writer.writeInt(0);
    });
    expect(reply.error).toBe(ErrorCode.invalidACL);
  });

  it('a digest of nothing at all proves nothing', async () => {
    const reply = await client.send(
      OpCode.auth,
      (writer) => writeAuthRequest(writer, { type: 0, scheme: 'digest', auth: null }),
      SpecialXid.auth,
    );
    expect(reply.error).toBe(ErrorCode.authFailed);
    await client.closed;
  });

  it('a proof that can not be read ends the connection without an answer', async () => {
    const reply = client.send(OpCode.auth, (writer) => writer.writeInt(0), SpecialXid.auth);
    await client.closed;
    await expect(reply).rejects.toThrow(/closed/);
  });
});
