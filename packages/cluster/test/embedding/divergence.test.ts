import { describe, expect, it } from 'vitest';
import type { Divergence } from '@bellwether/cluster';
import { Accounts, bank, deposit } from './accounts.ts';

/** Every so many deposits it is a cent too generous, which nobody sees in the result of that one. */
class Generous extends Accounts {
  override apply(...[command, context]: Parameters<Accounts['apply']>): number {
    const result = super.apply(command, context);
    if (this.applied === 40) this.balances.set('hidden', 0.01);
    return result;
  }
}

class Random extends Accounts {
  override apply(...[command, context]: Parameters<Accounts['apply']>): number {
    const result = super.apply(command, context);
    return this.applied === 7 ? Math.random() : result;
  }
}

class Wrong extends Accounts {
  override apply(...[command, context]: Parameters<Accounts['apply']>): number {
    const result = super.apply(command, context);
    return this.applied >= 7 ? result + 1 : result;
  }
}

describe('state machines that do not do the same', () => {
  it('are found by their results: who is outvoted stops, and says at which command', async () => {
    const found: Divergence[] = [];
    const { startAll, signal } = await bank(3, {
      createAccounts: (id) => (id === 2 ? new Wrong() : new Accounts()),
      more: { onDivergence: (divergence) => found.push(divergence) },
    });
    const branches = await startAll();
    const wrong = branches.find(({ id }) => id === 2)!;
    const right = branches.find(({ id }) => id !== 2)!;
    for (let i = 0; i < 12; i++) await right.cluster.propose(deposit('a'));
    const index = right.cluster.appliedIndex - 5;
    await signal.until(() => wrong.failures.length === 1);
    expect(wrong.failures[0]).toMatchObject({
      code: 'DIVERGED',
      message: expect.stringMatching(
        new RegExp(`^the command at index ${index} had another result on node 2 than on nodes`),
      ) as string,
    });
    const outvoted = found.find(({ verdict }) => verdict === 'outvoted');
    expect(outvoted).toMatchObject({ index, kind: 'result' });
    expect(new Set(outvoted?.differing)).toEqual(new Set([1, 3]));
    expect(await right.cluster.propose(deposit('a'))).toBe(13);
  });

  it('all of them different, are reported by all, who go on', async () => {
    const found: [number, Divergence][] = [];
    const { start, signal } = await bank(3, { createAccounts: () => new Random() });
    const branches = await Promise.all(
      [1, 2, 3].map((id) =>
        start(id, {
          onDivergence: (divergence) => {
            found.push([id, divergence]);
            signal.changed();
          },
        }),
      ),
    );
    for (let i = 0; i < 12; i++) await branches[0]!.cluster.propose(deposit('a'));
    const index = branches[0]!.cluster.appliedIndex - 5;
    await signal.until(() => new Set(found.map(([id]) => id)).size === 3);
    for (const [, divergence] of found) {
      expect(divergence).toMatchObject({ index, kind: 'result', verdict: 'undecided' });
    }
    expect(await branches[0]!.cluster.propose(deposit('a'))).toBe(13);
  });

  it('are found by their whole state where that is asked for', async () => {
    const { startAll, signal } = await bank(3, {
      createAccounts: (id) => (id === 3 ? new Generous() : new Accounts()),
      more: { compareReplicas: 'state', onDivergence: () => undefined },
    });
    const branches = await startAll();
    const generous = branches.find(({ id }) => id === 3)!;
    const right = branches.find(({ id }) => id !== 3)!;
    for (let i = 0; i < 80; i++) await right.cluster.propose(deposit('a'));
    await signal.until(() => generous.failures.length === 1);
    expect(generous.failures[0]?.message).toMatch(
      /^the state behind index 64 is another on node 3 than on nodes?/,
    );
  });

  it('are a warning of the process where nobody listens', async () => {
    const { startAll } = await bank(3, { createAccounts: () => new Random() });
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const [leader] = await startAll();
    for (let i = 0; i < 8; i++) await leader.cluster.propose(deposit('a'));
    const warning = await warned;
    expect(warning.name).toBe('ReplicaDivergenceWarning');
    expect(warning.message).toMatch(/the state machine is not deterministic/);
  });
});
