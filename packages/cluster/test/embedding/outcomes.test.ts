import { describe, expect, it } from 'vitest';
import { isClusterError, jsonCodec } from '@bellwether/cluster';
import { Accounts, bank, deposit, Overdrawn, sharedBank, type Command } from './accounts.ts';

const shared = sharedBank(3, { leaseReads: true });

const nobody = { kind: 'move', from: 'nobody', to: 'b', amount: 7 } as const;

describe('a command', () => {
  it('brings what the state machine returned, whichever node it went through', async () => {
    const [leader, ...others] = await shared.all();
    for (const [i, { cluster }] of [leader, ...others].entries()) {
      expect(await cluster.propose(deposit('a', 10))).toBe(10 * (i + 1));
    }
    await leader.cluster.readBarrier();
    const { term, origin, timeMs } = leader.accounts.lastContext ?? {};
    expect(term).toBe(leader.cluster.leadership.term);
    expect(origin).toBe(others[1]?.id);
    expect(Math.abs((timeMs ?? 0) - Date.now())).toBeLessThan(10_000);
  });

  it('that is rejected has failed, with the very error that the state machine threw', async () => {
    const branches = await shared.all();
    for (const { cluster } of branches) {
      const error: unknown = await cluster.propose(nobody).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(Overdrawn);
      expect(error).toMatchObject({ missing: 7, code: 'COMMAND_REJECTED', indeterminate: false });
      expect(isClusterError(error, 'COMMAND_REJECTED')).toBe(true);
    }
    await branches[0].cluster.propose(deposit('after'));
    await shared.until(() => branches.every(({ accounts }) => accounts.balances.has('after')));
    for (const { failures } of branches) expect(failures).toEqual([]);
  });

  it('that can not be encoded, or is too large, has failed', async () => {
    const [{ cluster }] = await shared.all();
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    await expect(cluster.propose(cyclic as never)).rejects.toMatchObject({
      code: 'BAD_COMMAND',
      indeterminate: false,
    });
    for (const nothing of [undefined, () => 1, Symbol('nothing')]) {
      await expect(cluster.propose(nothing as never)).rejects.toMatchObject({
        code: 'BAD_COMMAND',
        message: `the command can't be encoded: TypeError: JSON has no ${typeof nothing}`,
      });
    }
    const large = { ...deposit('large'), note: 'x'.repeat(5 * 1024 * 1024) };
    await expect(cluster.propose(large as never)).rejects.toMatchObject({
      code: 'PROPOSAL_TOO_LARGE',
      indeterminate: false,
    });
    expect(await cluster.propose(deposit('large'))).toBe(1);
  });

  it('that its codec makes no bytes of has failed, and is not written', async () => {
    class Talkative extends Accounts {
      override readonly codec = {
        ...jsonCodec<Command>(),
        encode: (command: Command) => JSON.stringify(command) as never,
      };
    }
    const { start } = await bank(1, { createAccounts: () => new Talkative() });
    const { cluster, failures } = await start(1);
    await expect(cluster.propose(deposit('a'))).rejects.toMatchObject({ code: 'BAD_COMMAND' });
    await cluster.readBarrier();
    expect(failures).toEqual([]);
  });

  it('that nobody waits for any more is indeterminate: here it happens later', async () => {
    const { start, signal } = await bank(3);
    const one = await start(1);
    const controller = new AbortController();
    const aborted = one.cluster.propose(deposit('a'), { signal: controller.signal });
    const timedOut = one.cluster.propose(deposit('a'), { timeoutMs: 1 });
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toMatchObject({
      ...{ code: 'ABORTED', name: 'AbortError', indeterminate: true },
      message: 'the proposal: aborted: it may still happen',
      cause: { message: 'enough' },
    });
    await expect(timedOut).rejects.toMatchObject({ code: 'TIMED_OUT', indeterminate: true });
    await expect(
      one.cluster.propose(deposit('a'), { signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'ABORTED', indeterminate: false });
    await start(2);
    await signal.until(() => one.accounts.applied === 2);
    expect(one.cluster.pending.proposals).toBe(0);
  });

  it('is indeterminate when its node stops, and has failed when it had stopped before', async () => {
    const { start } = await bank(3);
    const { cluster } = await start(1);
    const waiting = cluster.propose(deposit('a'));
    await cluster.stop();
    await expect(waiting).rejects.toMatchObject({ code: 'STOPPED', indeterminate: true });
    await expect(cluster.propose(deposit('a'))).rejects.toMatchObject({
      code: 'STOPPED',
      indeterminate: false,
    });
    await expect(cluster.readBarrier()).rejects.toMatchObject({ indeterminate: false });
  });
});

describe('too many commands', () => {
  it('are refused at once; there is room again when half of them are done', async () => {
    const { start } = await bank(3, { more: { limits: { proposalsMax: 4 } } });
    const one = await start(1);
    const waiting = [1, 2, 3, 4].map(() => one.cluster.propose(deposit('a')));
    await expect(one.cluster.propose(deposit('a'))).rejects.toMatchObject({
      ...{ code: 'OVERLOADED', indeterminate: false, retryable: true },
      message: expect.stringMatching(
        /^4 commands of \d+ bytes are under way, at most 4 /,
      ) as string,
    });
    await expect(one.cluster.untilRoom({ timeoutMs: 1 })).rejects.toMatchObject({
      code: 'TIMED_OUT',
    });
    const room = one.cluster.untilRoom();
    await start(2);
    await room;
    expect(one.cluster.pending.proposals).toBeLessThan(2);
    await Promise.all(waiting);
    await one.cluster.untilRoom();
  });

  it('are refused by their bytes, too', async () => {
    const { start } = await bank(3, { more: { limits: { proposalBytesMax: 1_000 } } });
    const { cluster } = await start(1);
    const first = cluster.propose({ ...deposit('a'), note: 'x'.repeat(1_000) } as never);
    await expect(cluster.propose(deposit('a'))).rejects.toMatchObject({ code: 'OVERLOADED' });
    await start(2);
    await cluster.untilRoom();
    await Promise.all([first, cluster.propose(deposit('a'))]);
  });
});

describe('a read', () => {
  it.each(['linearizable', 'lease'] as const)(
    'that is %s sees what was acknowledged before, on every node',
    async (consistency) => {
      const branches = await shared.all();
      for (const [i, writer] of branches.entries()) {
        await writer.cluster.propose(deposit(consistency));
        for (const { cluster } of branches) {
          expect(await cluster.read({ account: consistency }, { consistency })).toBe(i + 1);
        }
      }
    },
  );

  it('brings the error of the query that throws, and nothing else happens', async () => {
    const [{ cluster, failures }] = await shared.all();
    await expect(cluster.read({ account: '' })).rejects.toThrow(RangeError);
    expect(await cluster.propose(deposit('another'))).toBe(1);
    expect(failures).toEqual([]);
  });

  it('waits for a majority, patiently; a stale one does not', async () => {
    const { start } = await bank(3);
    const { cluster } = await start(1);
    await expect(cluster.read({ account: 'a' }, { timeoutMs: 20 })).rejects.toMatchObject({
      ...{ code: 'TIMED_OUT', indeterminate: false },
      message: 'the read: no answer in 20 ms',
    });
    expect(cluster.pending.reads).toBe(1);
    expect(await cluster.read({ account: 'a' }, { consistency: 'stale' })).toBe(0);
    await start(2);
    expect(await cluster.read({ account: 'a' })).toBe(0);
  });

  it('by a lease is refused where there are none', async () => {
    const { start } = await bank(1);
    const { cluster } = await start(1);
    await expect(cluster.read({ account: 'a' }, { consistency: 'lease' })).rejects.toMatchObject({
      code: 'NO_LEASES',
      message: expect.stringContaining('start all of its nodes with leaseReads') as string,
    });
  });
});
