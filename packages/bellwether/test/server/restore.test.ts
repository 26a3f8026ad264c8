import { ErrorCode } from '@bellwether/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataOf } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

describe('restoring from a snapshot', () => {
  let ahead: TestServer;
  let behind: TestServer;
  beforeEach(async () => {
    ahead = await TestServer.start();
    behind = await TestServer.start();
  });
  afterEach(async () => {
    await ahead.stop();
    await behind.stop();
  });

  function restore(): void {
    behind.server.onRestoreBegin();
    const chunks = ahead.server.beginSnapshot();
    for (let chunk = chunks.next(); chunk.done !== true; chunk = chunks.next()) {
      behind.server.onRestoreChunk(chunk.value);
    }
    behind.server.onRestoreEnd(ahead.consensus.appliedIndex);
    behind.consensus.appliedIndex = ahead.consensus.appliedIndex;
  }

  it('disconnects the clients, and serves those that come back from the new state', async () => {
    const client = await ahead.client();
    await client.create('/n', 'new');
    const disconnected = await behind.client();
    restore();
    await disconnected.closed;
    const { sessionId, password: passwd } = client;
    const back = behind.stranger();
    expect(await back.connect({ sessionId, passwd })).toMatchObject({ sessionId });
    expect(dataOf(await back.getData('/n')).data).toBe('new');
  });

  it('leaves a client without an answer whose entry was in the snapshot', async () => {
    await ahead.client();
    const client = await behind.client();
    behind.consensus.hold();
    const create = client.create('/n');
    await client.ping();
    behind.consensus.forget();
    restore();
    await expect(create).rejects.toThrow('closed');
    behind.consensus.release();
    const next = await behind.client();
    expect((await next.create('/n')).error).toBe(ErrorCode.ok);
  });
});
