import { decodeTouchedSessions } from '@bellwether/coordination';
import { JuteReader, JuteWriter } from '@bellwether/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../src/server/until.ts';
import type { TestClient } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

const TIMEOUT_MS = 10_000;

/** The number of the newest question; undefined when there is none. */
function newestQuestion(asked: readonly Uint8Array[]): number | undefined {
  const question = asked.findLast((bytes) => new JuteReader(bytes).readInt() === -2);
  if (question === undefined) return undefined;
  const reader = new JuteReader(question);
  reader.readInt();
  return reader.readLong();
}

function answer(number: number): Uint8Array {
  const writer = new JuteWriter();
  writer.writeInt(-3);
  writer.writeLong(number);
  return writer.copy();
}

async function leave(server: TestServer, client: TestClient): Promise<void> {
  client.socket.destroy();
  await until(() => server.server.connectionCount === 0, 5_000);
}

describe('a node whose clients have sessions', () => {
  let server: TestServer;
  afterEach(() => server.stop());

  it('lets them go when the leader has not answered for half of their timeouts', async () => {
    server = await TestServer.start();
    const client = await server.client({ timeoutMs: TIMEOUT_MS });
    const patient = await server.client({ timeoutMs: 2 * TIMEOUT_MS });
    server.consensus.reachesLeader = false;
    server.consensus.follow(2);
    server.pass(TIMEOUT_MS / 2 - 500);
    await client.ping();
    server.pass(700);
    await client.closed;
    await patient.ping();
    expect(server.server.coordinator.sessions.size).toBe(2);
  });

  it('keeps them as long as the leader answers', async () => {
    server = await TestServer.start();
    const client = await server.client({ timeoutMs: TIMEOUT_MS });
    server.consensus.follow(2);
    server.pass(10 * TIMEOUT_MS);
    await client.ping();
  });

  it('takes no answer for one to a question that it has not put', async () => {
    server = await TestServer.start();
    const client = await server.client({ timeoutMs: TIMEOUT_MS });
    server.consensus.reachesLeader = false;
    server.consensus.follow(2);
    server.pass(1000);
    const early = newestQuestion(server.consensus.toLeader);
    server.pass(TIMEOUT_MS / 2 - 1100);
    server.server.onMessage(2, answer(1e9));
    server.server.onMessage(2, answer(early!));
    server.pass(600);
    await client.ping();
    server.pass(TIMEOUT_MS / 2);
    await client.closed;
  });

  it('keeps those who came in with the leader that they had waited for', async () => {
    server = await TestServer.startLeaderless();
    const client = server.stranger();
    const opening = client.connect({ timeoutMs: TIMEOUT_MS });
    await until(() => server.consensus.proposed.length > 0, 5_000);
    server.pass(6 * TIMEOUT_MS);
    server.consensus.reachesLeader = false;
    server.consensus.follow(2);
    server.consensus.release();
    await opening;
    server.pass(TIMEOUT_MS / 2 - 200);
    await client.ping();
    server.pass(400);
    await client.closed;
  });

  it('keeps them while it leads, whatever happens', async () => {
    server = await TestServer.start();
    const client = await server.client({ timeoutMs: TIMEOUT_MS });
    for (let i = 0; i < 20; i++) {
      server.pass(400);
      await client.ping();
    }
  });

  it('tells a new leader of those that the former one may not have been told of', async () => {
    server = await TestServer.start();
    const client = await server.client({ timeoutMs: TIMEOUT_MS });
    server.consensus.follow(2);
    await client.ping();
    server.pass(100);
    server.consensus.follow(0);
    const before = server.consensus.toLeader.length;
    server.pass(1000);
    const asked = server.consensus.toLeader.slice(before);
    expect(asked.flatMap(decodeTouchedSessions)).toEqual([]);
    server.consensus.follow(3);
    server.pass(100);
    const told = server.consensus.toLeader.slice(before + asked.length);
    expect(told.flatMap(decodeTouchedSessions)).toEqual([client.sessionId]);
  });

  it('tells again of who left, when that may have been lost with the connection to the leader', async () => {
    server = await TestServer.start();
    const client = await server.client({ timeoutMs: TIMEOUT_MS });
    server.consensus.follow(2);
    server.consensus.reachesLeader = false;
    server.pass(100);
    await client.ping();
    server.pass(100);
    await leave(server, client);
    const before = server.consensus.toLeader.length;
    server.consensus.follow(0);
    server.consensus.follow(2);
    server.pass(100);
    const told = server.consensus.toLeader.slice(before);
    expect(told.flatMap(decodeTouchedSessions)).toEqual([client.sessionId]);
  });

  it('tells once of who left, when that has arrived, and then asks no more', async () => {
    server = await TestServer.start();
    const client = await server.client({ timeoutMs: TIMEOUT_MS });
    server.consensus.follow(2);
    server.pass(100);
    await client.ping();
    server.pass(100);
    await leave(server, client);
    server.pass(500);
    const before = server.consensus.toLeader.length;
    server.consensus.follow(0);
    server.consensus.follow(2);
    server.pass(1000);
    expect(server.consensus.toLeader.slice(before)).toEqual([]);
  });

  it('asks for nobody when nobody is there', async () => {
    server = await TestServer.start();
    server.pass(5000);
    expect(newestQuestion(server.consensus.toLeader)).toBeUndefined();
  });
});
