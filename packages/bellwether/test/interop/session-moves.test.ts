import { CreateMode, ErrorCode } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { TestClient } from '../server/support/test-client.ts';
import { withCluster } from './cluster-fixture.ts';
import { poll } from './poll.ts';

const TEST_TIMEOUT_MS = 60_000;
const NOT_CONNECTED_DEADLINE_MS = 10_000;

describe('a session that is attached to another server', () => {
  it(
    'goes on there with its ephemerals, and what still comes from the first server does not happen',
    () =>
      withCluster(async ({ nodes }) => {
        const first = await TestClient.open(nodes[0]!.clientPort);
        expect((await first.create('/e', '', CreateMode.ephemeral)).error).toBe(ErrorCode.ok);
        const { sessionId, password: passwd } = first;

        const second = new TestClient(nodes[1]!.clientPort);
        const welcome = await second.connect({ sessionId, passwd });
        expect(welcome.sessionId).toBe(sessionId);
        // ZooKeeper notices at the first write; the end of the connection is all that it says.
        const late = first.create('/late').catch(() => undefined);
        await first.closed;
        expect(await late).toBeUndefined();

        const third = new TestClient(nodes[2]!.clientPort);
        await third.connect({ sessionId, passwd });
        const later = second.setData('/e', 'too late').catch(() => undefined);
        await second.closed;
        expect(await later).toBeUndefined();

        expect((await third.sync('/')).error).toBe(ErrorCode.ok);
        expect((await third.exists('/late')).error).toBe(ErrorCode.noNode);
        expect((await third.setData('/e', 'still mine', 0)).error).toBe(ErrorCode.ok);
        expect((await third.closeSession()).error).toBe(ErrorCode.ok);
        const other = await TestClient.open(nodes[0]!.clientPort);
        await poll('the ephemeral is gone', NOT_CONNECTED_DEADLINE_MS, async () =>
          (await other.exists('/e')).error === ErrorCode.noNode ? true : undefined,
        );
        await other.closeSession();
      }),
    TEST_TIMEOUT_MS,
  );
});
