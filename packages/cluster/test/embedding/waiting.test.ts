import { afterEach, describe, expect, it, vi } from 'vitest';
import { patiently } from '../../src/embedding/patience.ts';
import { Proposals } from '../../src/embedding/proposals.ts';
import { Reads } from '../../src/embedding/reads.ts';
import type { Waiter } from '../../src/embedding/waiter.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Writes down what it is told. */
function listener(told: string[]): Waiter<unknown> {
  return {
    resolve: (value) => told.push(`resolved: ${String(value)}`),
    reject: (error) => told.push(`rejected: ${error.message}`),
  };
}

describe('patience', () => {
  const asked = { what: 'it', afterwards: 'mayHappen' } as const;

  it('leaves neither timers nor listeners behind', async () => {
    vi.useFakeTimers();
    const { signal } = new AbortController();
    const waiters: Waiter<number>[] = [];
    const results = [1, 2].map(() =>
      patiently<number>(asked, { signal, timeoutMs: 1_000 }, (waiter) => {
        waiters.push(waiter);
        return () => expect.unreachable();
      }),
    );
    const atOnce = patiently<number>(asked, { signal, timeoutMs: 1_000 }, (waiter) => {
      waiter.resolve(0);
      return () => expect.unreachable();
    });
    expect(vi.getTimerCount()).toBe(2);
    waiters[0]?.resolve(1);
    waiters[1]?.reject(new Error('no'));
    await expect(Promise.allSettled([...results, atOnce])).resolves.toMatchObject([
      { value: 1 },
      { reason: { message: 'no' } },
      { value: 0 },
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be endless, or longer than any timer', async () => {
    vi.useFakeTimers();
    const told: unknown[] = [];
    const wait = (timeoutMs: number): void => {
      patiently(asked, { timeoutMs }, () => () => undefined).catch((error) => told.push(error));
    };
    wait(Infinity);
    expect(vi.getTimerCount()).toBe(0);
    wait(2 ** 40);
    await vi.advanceTimersByTimeAsync(2 ** 31 - 2);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toMatchObject([{ code: 'TIMED_OUT' }]);
  });

  it('of thousands ends with one signal, without a warning', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const controller = new AbortController();
    let forgotten = 0;
    const results = Array.from({ length: 5_000 }, () =>
      patiently(asked, { signal: controller.signal }, () => () => (forgotten += 1)),
    );
    controller.abort();
    const settled = await Promise.allSettled(results);
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
    expect(forgotten).toBe(5_000);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

describe('proposals', () => {
  function fixture(proposalsMax: number) {
    const proposals = new Proposals<unknown>({ proposalsMax, proposalBytesMax: 1_000 });
    let sequence = 0;
    const proposer = { pendingBytes: 0, propose: () => ++sequence };
    const add = (waiter: Waiter<unknown>) => proposals.add(proposer, Uint8Array.of(1), waiter);
    const room = () =>
      new Promise<void>((resolve, reject) => proposals.addForRoom(proposer, { resolve, reject }));
    return { proposals, proposer, add, room };
  }

  it('that were given up make room', async () => {
    const { add, room } = fixture(4);
    const told: string[] = [];
    const forgets = [1, 2, 3, 4].map(() => add(listener(told)));
    const waiting = room();
    for (const forget of forgets.slice(1)) forget();
    await waiting;
    expect(told).toEqual([]);
  });

  it('whose outcome is unknown make room', async () => {
    const { proposals, proposer, add, room } = fixture(4);
    const told: string[] = [];
    for (let i = 0; i < 4; i++) add(listener(told));
    const waiting = room();
    proposals.giveUp(proposer, 3, new Error('unknown'));
    await waiting;
    expect(told).toEqual(Array(3).fill('rejected: unknown'));
    expect(proposals.count).toBe(1);
  });
});

describe('reads', () => {
  function fixture(readsMax: number) {
    const reads = new Reads(readsMax);
    const told: string[] = [];
    let requestId = 0;
    const ask = () => reads.ask({ readIndex: () => ++requestId }, 'quorum', listener(told));
    return { reads, told, ask };
  }

  it('that were given up count until they are answered: they are still held below', () => {
    const { reads, told, ask } = fixture(2);
    for (const forget of [ask(), ask()]) forget();
    ask();
    expect(told).toEqual(['rejected: 2 reads are under way']);
    reads.onReadIndex(1, 7);
    const forget = ask();
    reads.onReadIndex(2, 7);
    reads.onReadIndex(3, 8);
    expect(told.slice(1)).toEqual(['resolved: 8']);
    forget();
    expect(reads.count).toBe(0);
  });

  it('that were given up are not told of the end', () => {
    const { reads, told, ask } = fixture(2);
    ask()();
    ask();
    reads.rejectAll(new Error('stopped'));
    expect(told).toEqual(['rejected: stopped']);
    expect(reads.count).toBe(0);
  });
});
