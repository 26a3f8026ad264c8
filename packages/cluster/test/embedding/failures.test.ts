import { describe, expect, it } from 'vitest';
import type { RestoreSink } from '@bellwether/cluster';
import { Cluster } from '@bellwether/cluster';
import { Accounts, bank, deposit, type Branch } from './accounts.ts';
import { temporaryDirectory } from '../support.ts';

/** Explodes at a deposit to `mine`. */
class Fragile extends Accounts {
  override apply(...[command, context]: Parameters<Accounts['apply']>): number {
    if (command.to === 'mine') {
      this.balances.set('half done', 1);
      throw new Error('boom');
    }
    return super.apply(command, context);
  }
}

const failed = {
  code: 'STATE_MACHINE_FAILED',
  indeterminate: true,
  message: expect.stringMatching(
    /^node 1: the state machine threw in apply\(\) at index \d+ \(term 1, proposed by node 1\): Error: boom\. The node has stopped; .* repair the state machine, the same way on all nodes/,
  ) as string,
};

/** Small, so that snapshots come soon. */
const retention = { snapshotAfterBytes: 2_000, entriesKept: 0, segmentBytes: 16_384 };

async function depositMany(branch: Branch, count: number): Promise<void> {
  for (let i = 0; i < count; i += 50) {
    const some = Array.from({ length: 50 }, () => branch.cluster.propose(deposit('a')));
    await Promise.all(some);
  }
}

/** Until the log behind a snapshot was let go of. */
async function depositUntilSnapshot(branch: Branch): Promise<void> {
  while (branch.cluster.status.raft.firstIndex === 1) await depositMany(branch, 50);
}

describe('a state machine that throws', () => {
  it('stops its node, which says where, why and what to do; repaired, it goes on', async () => {
    let isRepaired = false;
    const { start, signal } = await bank(1, {
      createAccounts: () => (isRepaired ? new Accounts() : new Fragile()),
    });
    const first = await start(1);
    await first.cluster.propose(deposit('a'));
    await expect(first.cluster.propose(deposit('mine'))).rejects.toMatchObject(failed);
    await signal.until(() => first.failures.length === 1);
    expect(first.failures[0]).toMatchObject({ ...failed, indeterminate: false });
    expect(first.cluster.failure).toBe(first.failures[0]);
    const late = { code: 'STATE_MACHINE_FAILED', indeterminate: false };
    await expect(first.cluster.propose(deposit('a'))).rejects.toMatchObject(late);
    const stale = first.cluster.read({ account: 'a' }, { consistency: 'stale' });
    await expect(stale).rejects.toMatchObject(late);
    await first.cluster.stop();

    isRepaired = true;
    const second = await start(1);
    expect(await second.cluster.propose(deposit('mine'))).toBe(2);
    expect([...second.accounts.balances]).toEqual([
      ['a', 1],
      ['mine', 2],
    ]);
  });

  it('on one node alone leaves the others as they were', async () => {
    const { startAll, signal } = await bank(3, {
      createAccounts: (id) => (id === 1 ? new Fragile() : new Accounts()),
    });
    const branches = await startAll();
    const fragile = branches.find(({ id }) => id === 1);
    const others = branches.filter(({ id }) => id !== 1);
    expect(await others[0]?.cluster.propose(deposit('mine'))).toBe(1);
    await signal.until(() => fragile?.failures.length === 1);
    expect(await others[1]?.cluster.propose(deposit('mine'))).toBe(2);
    await signal.until(() => others.every(({ cluster }) => cluster.leadership.leaderId !== 1));
    for (const { failures } of others) expect(failures).toEqual([]);
  });

  it('is never found in a snapshot', async () => {
    let isRepaired = false;
    const { start, signal } = await bank(1, {
      more: { retention },
      createAccounts: () => (isRepaired ? new Accounts() : new Fragile()),
    });
    const first = await start(1);
    await depositUntilSnapshot(first);
    const before = first.accounts.balances.get('a');
    const load = Array.from({ length: 200 }, (_, i) =>
      first.cluster.propose(deposit(i === 20 ? 'mine' : 'a')),
    );
    await Promise.allSettled(load);
    await signal.until(() => first.failures.length === 1);
    await first.cluster.stop();
    isRepaired = true;
    const second = await start(1);
    await second.cluster.readBarrier();
    expect([...second.accounts.balances]).toEqual([
      ['a', (before ?? 0) + 199],
      ['mine', 1],
    ]);
  });

  it('that returns a promise is told that it has to be done when it returns', async () => {
    class Later extends Accounts {
      override apply(): number {
        return Promise.resolve(1) as never;
      }
    }
    const { start } = await bank(1, { createAccounts: () => new Later() });
    const { cluster } = await start(1);
    await expect(cluster.propose(deposit('a'))).rejects.toThrow(/apply\(\) returned a promise/);
  });

  it('in what it returned stops its node, too', async () => {
    class Coy extends Accounts {
      override apply(): number {
        return {
          get amount(): number {
            throw new Error('do not look');
          },
        } as never;
      }
    }
    const { start, signal } = await bank(1, { createAccounts: () => new Coy() });
    const branch = await start(1);
    await expect(branch.cluster.propose(deposit('a'))).rejects.toMatchObject({
      ...{ code: 'STATE_MACHINE_FAILED', indeterminate: true },
      message: expect.stringMatching(
        /threw in the result of apply\(\) at index \d+: Error: do not look/,
      ) as string,
    });
    await signal.until(() => branch.failures.length === 1);
  });

  it('in its snapshot stops its node, too: the log must not grow for ever', async () => {
    class Secretive extends Accounts {
      override *snapshot(): Generator<Uint8Array, void> {
        yield Uint8Array.of(1);
        throw new Error('out of paper');
      }
    }
    const { start, signal } = await bank(1, {
      more: { retention },
      createAccounts: () => new Secretive(),
    });
    const branch = await start(1);
    await depositMany(branch, 100).catch(() => undefined);
    await signal.until(() => branch.failures.length === 1);
    expect(branch.failures[0]?.message).toMatch(/threw in snapshot\(\): Error: out of paper/);
  });

  it('in its restore is told so at the next start', async () => {
    class Forgetful extends Accounts {
      override restore(): RestoreSink {
        return { write: () => undefined, end: () => this.#explode() };
      }

      #explode(): void {
        throw new Error('unreadable');
      }
    }
    const { start, signal } = await bank(1, { more: { retention } });
    const first = await start(1);
    await depositUntilSnapshot(first);
    await first.cluster.stop();
    const second = await start(1, { stateMachine: new Forgetful() });
    await signal.until(() => second.failures.length === 1);
    expect(second.failures[0]?.message).toMatch(/threw in restore\(\)\.end\(\): Error: unreadable/);
  });

  it('is an uncaught exception where nobody listens, as an error event is', async () => {
    const peers = [{ id: 1, host: '127.0.0.1', port: 0 }];
    const options = { id: 1, peers, dataDir: temporaryDirectory() };
    const listened = await Cluster.start({ ...options, stateMachine: new Fragile() });
    const heard = new Promise((resolve) => listened.once('error', resolve));
    const waiting = listened.propose(deposit('mine'));
    await expect(waiting).rejects.toMatchObject({ code: 'STATE_MACHINE_FAILED' });
    expect(await heard).toBe(listened.failure);
    await listened.stop();

    const alone = await Cluster.start({ ...options, stateMachine: new Fragile() });
    const uncaught = new Promise((resolve) => {
      const before = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (error) => {
        for (const listener of before) process.on('uncaughtException', listener);
        resolve(error);
      });
    });
    expect(await uncaught).toBe(alone.failure);
    await alone.stop();
  });
});

describe('snapshots', () => {
  it('hold chunks of any size, which come back as they were', async () => {
    const chunks = [new Uint8Array(0), new Uint8Array(700_000).fill(7), Uint8Array.of(1, 2, 3)];
    class Bulky extends Accounts {
      restored: Uint8Array[] = [];
      override snapshot(): Iterable<Uint8Array> {
        return chunks;
      }
      override restore(): RestoreSink {
        return { write: (chunk) => this.restored.push(chunk.slice()), end: this.onChange };
      }
    }
    const { start, signal } = await bank(1, { more: { retention } });
    const first = await start(1, { stateMachine: new Bulky() });
    await depositUntilSnapshot(first);
    await first.cluster.stop();
    const machine = new Bulky();
    machine.onChange = signal.changed;
    await start(1, { stateMachine: machine });
    await signal.until(() => machine.restored.length === 3);
    expect(machine.restored.map(({ length }) => length)).toEqual([0, 700_000, 3]);
    expect(Buffer.compare(machine.restored[1]!, chunks[1]!)).toBe(0);
  });
});
