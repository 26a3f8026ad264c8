import { describe, expect, it } from 'vitest';
import type { CommandContext, RestoreSink } from '@bellwether/cluster';
import { simulate, SimulationError } from '../../src/index.ts';
import { Ledger, testOf, type Command } from './ledger.ts';

/** What a simulation of a machine with a mistake says. */
function mistakeIn(create: () => Ledger, seeds = 20): SimulationError {
  try {
    simulate({ ...testOf(create), seeds, safetyMs: 1_500 });
  } catch (error) {
    if (error instanceof SimulationError) return error;
    throw error;
  }
  return expect.unreachable('the mistake was not found');
}

describe('a state machine without a mistake', () => {
  it('passes, while its cluster suffers', () => {
    const report = simulate({ ...testOf(), seeds: 4, safetyMs: 1_500 });
    expect(report.seeds).toBe(4);
    expect(report.operations.done).toBeGreaterThan(800);
    expect(report.operations.failed).toBeGreaterThan(20);
    expect(report.operations.indeterminate).toBeGreaterThan(0);
    expect(report.elections).toBeGreaterThan(4);
    expect(Object.keys(report.faults).length).toBeGreaterThan(5);
  });

  it('does the same again for the same seeds', () => {
    const one = simulate({ ...testOf(), seeds: [7, 8], safetyMs: 400 });
    const again = simulate({ ...testOf(), seeds: [7, 8], safetyMs: 400 });
    expect(again).toEqual(one);
    expect(simulate({ ...testOf(), seeds: [9], safetyMs: 400 }).digest).not.toBe(one.digest);
  });
});

describe('a mistake is found, and what it is:', () => {
  it('chance in a result', () => {
    class Random extends Ledger {
      override apply(command: Command, context: CommandContext): number {
        const result = super.apply(command, context);
        return Math.random() < 0.05 ? result + 1 : result;
      }
    }
    const error = mistakeIn(() => new Random());
    expect(error.check).toBe('stateMachine.results');
    expect(error.message).toMatch(
      /^seed \d+: stateMachine.results: the command at index \d+ was done with \d+ on node \d, and done with/,
    );
  });

  it('a clock that is looked at', () => {
    class Late extends Ledger {
      override apply(command: Command, context: CommandContext): number {
        if (new Date().getTime() % 20 === 0 && command.kind === 'move') return 0;
        return super.apply(command, context);
      }
    }
    expect(mistakeIn(() => new Late()).check).toBe('stateMachine.results');
  });

  it('something that is kept on the side', () => {
    let calls = 0;
    class Aside extends Ledger {
      override apply(command: Command, context: CommandContext): number {
        calls += 1;
        return super.apply(command, context) + (calls % 50 === 0 ? 1 : 0);
      }
    }
    expect(mistakeIn(() => new Aside()).check).toBe('stateMachine.results');
  });

  it('a state that differs although no result does', () => {
    class Secret extends Ledger {
      override apply(command: Command, context: CommandContext): number {
        const result = super.apply(command, context);
        if (Math.random() < 0.05) this.balances.set(`secret ${Math.random()}`, 0);
        return result;
      }
    }
    expect(mistakeIn(() => new Secret()).check).toBe('replicasAgree');
  });

  it('what a snapshot leaves out', () => {
    class Forgetful extends Ledger {
      override restore(): RestoreSink {
        const sink = super.restore();
        return { write: sink.write, end: () => (sink.end(), this.balances.delete('bob')) };
      }
    }
    expect(mistakeIn(() => new Forgetful()).check).toBe('stateMachine.restore');
  });

  it('a snapshot that does not keep the moment', () => {
    class Live extends Ledger {
      override *snapshot(): Generator<Uint8Array, void> {
        for (const entry of this.balances) yield Buffer.from(JSON.stringify(entry));
      }
      override restore(): RestoreSink {
        this.balances = new Map();
        return {
          write: (chunk) => {
            const [account, balance] = JSON.parse(Buffer.from(chunk).toString()) as [
              string,
              number,
            ];
            this.balances.set(account, balance);
          },
          end: () => (this.deposited = this.total),
        };
      }
    }
    expect(mistakeIn(() => new Live()).check).toBe('stateMachine.snapshot');
  });

  it('a query that changes the state', () => {
    class Curious extends Ledger {
      override query(query: { readonly balanceOf: string }): number {
        this.balances.set('asked', 0);
        return super.query(query);
      }
    }
    expect(mistakeIn(() => new Curious()).check).toMatch(/stateMachine.query|replicasAgree/);
  });

  it('an exception', () => {
    class Fragile extends Ledger {
      override apply(command: Command, context: CommandContext): number {
        const result = super.apply(command, context);
        if (result > 60) throw new Error('too much');
        return result;
      }
    }
    const error = mistakeIn(() => new Fragile());
    expect(error.check).toBe('stateMachine.threw');
    expect(error.message).toMatch(/the state machine threw in apply\(\) at index \d+ .*too much/);
  });

  it('what the model would not do', () => {
    class Generous extends Ledger {
      protected override add(account: string, amount: number): number {
        return super.add(account, amount === 7 ? 8 : amount);
      }
    }
    const error = mistakeIn(() => new Generous());
    expect(error.check).toMatch(/stateMachine.model|stateMachine.invariant/);
    const { invariants: _, ...test } = testOf(() => new Generous());
    expect(() => simulate({ ...test, seeds: 5, safetyMs: 800 })).toThrow(
      /stateMachine.model: .* when it was executed by the model: \{ kind: '\w+'.* amount: 7 \}/,
    );
  });

  it('an invariant that does not hold', () => {
    class Inflation extends Ledger {
      override apply(command: Command, context: CommandContext): number {
        const result = super.apply(command, context);
        if (context.index % 40 === 0) this.deposited += 1;
        return result;
      }
    }
    const { model: _, ...test } = testOf(() => new Inflation());
    expect(() => simulate({ ...test, seeds: 5, safetyMs: 800 })).toThrow(
      /stateMachine.invariant money is conserved: it does not hold/,
    );
  });

  it('an answer that is not of the state', () => {
    class Vague extends Ledger {
      override query(query: { readonly balanceOf: string }): number {
        return super.query(query) + (Math.random() < 0.05 ? 1 : 0);
      }
    }
    const error = mistakeIn(() => new Vague());
    expect(error.check).toBe('stateMachine.results');
    expect(error.message).toMatch(/the query \{ balanceOf: '\w+' \}, was answered \d+ by node/);
  });
});

describe('a run that fails', () => {
  class Fragile extends Ledger {
    override apply(command: Command, context: CommandContext): number {
      const result = super.apply(command, context);
      if (result > 150) throw new Error('too much');
      return result;
    }
  }

  it('is made smaller, and replayed by what its message says', () => {
    const found = mistakeIn(() => new Fragile());
    expect(found.message).toMatch(/smallest run that fails like this, of \d+: 1 nodes, \d clients/);
    expect(found.replay).toMatch(/^\d+\/1\/\d+\/\d\/none$/);
    expect(found.message).toContain(`BELLWETHER_REPLAY='${found.replay}'`);
    const lines: string[] = [];
    const again = (): unknown =>
      simulate({
        ...testOf(() => new Fragile()),
        replay: found.replay,
        onLine: (line) => lines.push(line),
      });
    expect(again).toThrow(/stateMachine.threw.* too much/);
    expect(lines.length).toBeGreaterThan(0);
    expect(() => simulate({ ...testOf(), replay: 'seventeen' })).toThrow(/not what a failed run/);
  });
});
