import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isClusterError, type LeaderTerm } from '@bellwether/cluster';
import { EMBEDDING_LIMITS } from '../../src/embedding/limits.ts';
import { bank, deposit, sharedBank, type Branch, type Command } from './accounts.ts';

/** So that a busy machine costs nobody the leadership. */
const timing = { silenceMsMin: 900, silenceMsMax: 900 };
const shared = sharedBank(3, { timing });

/** Resolves with the next term that the node leads in; `end` ends the work. */
function nextTerm(branch: Branch) {
  const controller = new AbortController();
  let done: Promise<void> | undefined;
  const term = new Promise<LeaderTerm<Command, number>>((resolve) => {
    done = branch.cluster.lead(resolve, { signal: controller.signal });
  });
  return { term, done, end: () => controller.abort() };
}

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

describe('leadership', () => {
  it('is a signal, which aborts when another node leads, where the work goes on', async () => {
    const [first, second] = await shared.all();
    const mine = nextTerm(first);
    const theirs = nextTerm(second!);
    const term = await mine.term;
    expect(term).toMatchObject({ term: first.cluster.leadership.term, isHeld: true });
    expect(await term.propose(deposit('a'))).toBe(1);

    const ended = aborted(term.signal);
    await first.cluster.transferLeadership(second!.id);
    expect(await ended).toMatchObject({ code: 'LEADERSHIP_LOST' });
    expect(term.isHeld).toBe(false);
    await expect(term.propose(deposit('a'))).rejects.toMatchObject({ code: 'LEADERSHIP_LOST' });
    const later = await theirs.term;
    expect(later.fencingToken).toBeGreaterThan(term.fencingToken);
    mine.end();
    theirs.end();
    await Promise.all([mine.done, theirs.done]);
    expect(later.signal.aborted).toBe(true);
  });

  it('may be lost, and the signal says so, long before the node steps down', async () => {
    const { startAll, start } = await bank(3);
    const [leader, ...others] = await startAll();
    const { term } = nextTerm(leader);
    const { signal } = await term;
    const ended = aborted(signal);
    await Promise.all(others.map(({ cluster }) => cluster.stop()));
    expect(await ended).toMatchObject({
      message: expect.stringMatching(/no majority has confirmed it for 200 ms/) as string,
    });
    expect(leader.cluster.leadership.role).toBe('leader');
    await start(others[0]!.id);
    await leader.cluster.readBarrier();
  });

  it('is begun again in the same term when it turns out to have gone on', async () => {
    const { startAll } = await bank(3);
    const [leader] = await startAll();
    const terms: LeaderTerm<Command, number>[] = [];
    let onTerm = (): void => undefined;
    void leader.cluster.lead((term) => {
      terms.push(term);
      onTerm();
    });
    const until = async (count: number): Promise<void> => {
      while (terms.length < count) await new Promise<void>((resolve) => (onTerm = resolve));
    };
    await until(1);
    // This thread stands still for longer than anybody need believe in it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    expect(terms[0]?.isHeld).toBe(false);
    await until(2);
    expect(terms[0]?.signal.aborted).toBe(true);
    expect(terms[1]?.term).toBe(terms[0]?.term);
    expect(terms[1]?.fencingToken).toBeGreaterThan(terms[0]!.fencingToken);
  });

  it('brings what the work throws, unless its time was over', async () => {
    const [leader, other] = await shared.all();
    await expect(leader.cluster.lead(() => Promise.reject(new Error('no coffee')))).rejects.toThrow(
      'no coffee',
    );
    const controller = new AbortController();
    let begin = (): void => undefined;
    const began = new Promise<void>((resolve) => (begin = resolve));
    const leading = leader.cluster.lead(
      async ({ signal }) => {
        begin();
        throw await aborted(signal);
      },
      { signal: controller.signal },
    );
    await began;
    await leader.cluster.transferLeadership(other!.id);
    controller.abort();
    await leading;
  });

  it('ends with the node', async () => {
    const { startAll } = await bank(1, { more: { timing } });
    const [leader] = await startAll();
    const { term, done } = nextTerm(leader);
    const { signal } = await term;
    await leader.cluster.stop();
    await done;
    expect(signal.aborted).toBe(true);
    await leader.cluster.lead(() => expect.unreachable('nobody leads any more'));
  });
});

describe('what is proposed in a term', () => {
  it('is executed in that term or never', async () => {
    let branches = await shared.all();
    let done = 0;
    let lost = 0;
    for (let round = 0; round < 20 && lost === 0; round++) {
      const [leader, target] = branches;
      const { term, end } = nextTerm(leader);
      const { propose } = await term;
      const transferred = leader.cluster.transferLeadership(target!.id);
      const load = Array.from({ length: 500 }, () => propose(deposit('b')));
      // What is held back during the hand-over reaches the next leader, and is too late there.
      for (const result of await Promise.allSettled(load)) {
        if (result.status === 'fulfilled') done += 1;
        else if (isClusterError(result.reason, 'LEADERSHIP_LOST')) lost += 1;
        else throw result.reason;
      }
      await transferred;
      end();
      branches = await shared.all();
    }
    expect(lost).toBeGreaterThan(0);
    for (const { cluster } of branches) expect(await cluster.read({ account: 'b' })).toBe(done);
  });
});

describe('a transfer of leadership', () => {
  it('ends when the other node leads, and is nothing where it leads already', async () => {
    const [leader, other] = await shared.all();
    await leader.cluster.transferLeadership(other!.id);
    await leader.cluster.transferLeadership(other!.id);
    expect(leader.cluster.leadership.leaderId).toBe(other!.id);
    expect((await shared.all())[0]).toBe(other);
  });

  it('is refused by who does not lead, and to who does not vote', async () => {
    const [leader, other, third] = await shared.all();
    await expect(other!.cluster.transferLeadership(third!.id)).rejects.toMatchObject({
      code: 'NOT_LEADER',
      message: expect.stringContaining(`node ${leader.id} leads: ask it`) as string,
    });
    await expect(leader.cluster.transferLeadership(9)).rejects.toMatchObject({
      code: 'TRANSFER_FAILED',
      message: expect.stringContaining('node 9 is none of the voters') as string,
    });
  });

  it('ends with the node, and is none once it has stopped', async () => {
    const { startAll } = await bank(3, { more: { timing } });
    const [leader, other] = await startAll();
    await other!.cluster.stop();
    const transfer = leader.cluster.transferLeadership(other!.id, { timeoutMs: Infinity });
    const ended = expect(transfer).rejects.toMatchObject({ code: 'STOPPED', indeterminate: true });
    await leader.cluster.stop();
    await ended;
    await expect(leader.cluster.transferLeadership(other!.id)).rejects.toMatchObject({
      ...{ code: 'STOPPED', indeterminate: false },
    });
  });

  it('to a node that is not there takes no longer than it may', async () => {
    const [leader, other] = await shared.all();
    await other!.cluster.stop();
    await expect(
      leader.cluster.transferLeadership(other!.id, { timeoutMs: 50 }),
    ).rejects.toMatchObject({ code: 'TIMED_OUT' });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const patient = leader.cluster.transferLeadership(other!.id, { timeoutMs: undefined });
    vi.advanceTimersByTime(EMBEDDING_LIMITS.transferMsMax);
    await expect(patient).rejects.toMatchObject({ code: 'TIMED_OUT' });
    vi.useRealTimers();
    expect(await leader.cluster.propose(deposit('last'))).toBe(1);
  });
});
