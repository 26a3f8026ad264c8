import { ErrorCode, OpCode } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { SessionSafety } from '../../src/session/session-safety.ts';
import { connect, connectForLong, one, useTwoServers, world } from '../support/two-servers.ts';

useTwoServers();

describe('how long the session is safe', () => {
  it('is its timeout from the request for a new one, and nothing that one server says moves it', async () => {
    const client = await connect();
    const openedMs = world.nowMs();
    expect(client.sessionSafeUntilMs).toBe(openedMs + 10_000);
    for (let i = 0; i < 5; i++) {
      await world.advance(1_000);
      await client.getData('/a');
      await client.sync();
    }
    await world.advance(4_000);
    expect(one.opCodes).not.toContain(OpCode.multi);
    expect(client.sessionSafeUntilMs).toBe(openedMs + 10_000);
  });

  it('goes by what a quorum decided, and what its leader knew of the client then', async () => {
    const client = await connect();
    const openedMs = world.nowMs();
    for (let i = 1; i <= 5; i++) {
      await world.advance(1_000);
      await client.getData('/a');
    }
    await client.setData('/a', 'x');
    // Sent 5 s after the beginning; what came up to 2.5 s had been reported by then.
    expect(client.sessionSafeUntilMs).toBe(openedMs + 2_000 + 10_000);
  });

  it('is not moved by a write that was refused', async () => {
    const client = await connectForLong();
    await world.advance(5_000);
    const beforeMs = client.sessionSafeUntilMs;
    one.react = () => ({ error: ErrorCode.notReadOnly });
    await expect(client.setData('/a', 'x')).rejects.toMatchObject({ code: 'notReadOnly' });
    expect(client.sessionSafeUntilMs).toBe(beforeMs);
  });

  it('is not moved by coming back to a server; a confirmation there does', async () => {
    const client = await connectForLong();
    const beforeMs = client.sessionSafeUntilMs;
    await world.advance(5_000);
    one.disconnect();
    await client.getData('/a');
    expect(client.sessionSafeUntilMs).toBe(beforeMs);
    await client.confirmSession();
    expect(client.sessionSafeUntilMs).toBeGreaterThan(world.nowMs() + 9_000);
  });

  it('stays in the future while it is kept confirmed, and costs nothing when not', async () => {
    const client = await connect();
    const end = client.keepSessionConfirmed();
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 100; i++) {
      await world.advance(500);
      least = Math.min(least, client.sessionSafeUntilMs - world.nowMs());
    }
    expect(least).toBeGreaterThan(10_000 / 3);
    const count = (): number => one.opCodes.filter((opCode) => opCode === OpCode.multi).length;
    expect(count()).toBeGreaterThan(25);
    expect(count()).toBeLessThanOrEqual(31);
    end();
    const before = count();
    await world.advance(20_000);
    expect(count()).toBe(before);
  });

  it('stays so for the next one when an earlier one has ended twice', async () => {
    const client = await connectForLong();
    const endFirst = client.keepSessionConfirmed();
    endFirst();
    endFirst();
    const end = client.keepSessionConfirmed();
    await world.advance(30_000);
    expect(client.sessionSafeUntilMs).toBeGreaterThan(world.nowMs());
    end();
  });

  it('is over with the session', () => {
    const safety = new SessionSafety();
    safety.onOpened(1_000, 4_000, 'new');
    expect(safety.untilMs).toBe(5_000);
    safety.onLost();
    expect(safety.untilMs).toBe(0);
    safety.onOpened(9_000, 4_000, 'resumed');
    expect(safety.untilMs).toBe(0);
  });

  it('remembers no more moments than it needs', () => {
    const safety = new SessionSafety();
    safety.onOpened(0, 1_000, 'new');
    for (let nowMs = 0; nowMs < 1_000_000; nowMs += 5) safety.onSent(nowMs);
    safety.onWriteAnswered(999_995);
    expect(safety.untilMs).toBeGreaterThan(999_995 + 1_000 - 250 - 50);
    expect(safety.untilMs).toBeLessThanOrEqual(999_995 + 1_000 - 250);
  });
});
