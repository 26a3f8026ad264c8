import type { CommandContext, RestoreSink, StateMachine } from '@bellwether/cluster';
import { CommandRejected, jsonCodec, jsonRestore, jsonSnapshot } from '@bellwether/cluster';
import type { MachineModel, MachineTest, WorkloadContext } from '../../src/index.ts';

export type Command =
  | { readonly kind: 'deposit'; readonly to: string; readonly amount: number }
  | {
      readonly kind: 'move';
      readonly from: string;
      readonly to: string;
      readonly amount: number;
    };

export type Query = { readonly balanceOf: string };

/** Money on accounts: enough for mistakes of every kind. */
export class Ledger implements StateMachine<Command, number, Query, number> {
  readonly codec = jsonCodec<Command>();
  balances = new Map<string, number>();
  deposited = 0;

  apply(command: Command, context: CommandContext): number {
    void context;
    if (command.kind === 'move') this.add(command.from, -command.amount);
    else this.deposited += command.amount;
    return this.add(command.to, command.amount);
  }

  query({ balanceOf }: Query): number {
    return this.balances.get(balanceOf) ?? 0;
  }

  snapshot(): Iterable<Uint8Array> {
    return jsonSnapshot([this.deposited, [...this.balances]]);
  }

  restore(): RestoreSink {
    return jsonRestore<[number, [string, number][]]>(([deposited, balances]) => {
      this.deposited = deposited;
      this.balances = new Map(balances);
    });
  }

  get total(): number {
    return [...this.balances.values()].reduce((sum, balance) => sum + balance, 0);
  }

  protected add(account: string, amount: number): number {
    const balance = (this.balances.get(account) ?? 0) + amount;
    if (balance < 0) throw new CommandRejected(`${account} lacks ${-balance}`);
    this.balances.set(account, balance);
    return balance;
  }
}

/** The same with nothing but arrays. */
class Model implements MachineModel<Command, number, Query, number> {
  readonly #entries: [string, number][] = [];

  apply(command: Command): number {
    if (command.kind === 'move') {
      if (this.query({ balanceOf: command.from }) < command.amount) throw new CommandRejected('no');
      this.#entries.push([command.from, -command.amount]);
    }
    this.#entries.push([command.to, command.amount]);
    return this.query({ balanceOf: command.to });
  }

  query({ balanceOf }: Query): number {
    return this.#entries
      .filter(([account]) => account === balanceOf)
      .reduce((sum, [, amount]) => sum + amount, 0);
  }
}

const ACCOUNTS = ['ann', 'bob', 'cat'];

function workload({ random }: WorkloadContext): { command: Command } | { query: Query } {
  const to = random.pick(ACCOUNTS);
  if (random.chance(0.4)) return { query: { balanceOf: to } };
  const amount = random.between(1, 10);
  if (random.chance(0.6)) return { command: { kind: 'deposit', to, amount } };
  return { command: { kind: 'move', from: random.pick(ACCOUNTS), to, amount } };
}

type Test = MachineTest<Command, number, Query, number, Ledger>;

/** A test of a ledger, or of one with a mistake in it. */
export function testOf(stateMachine: () => Ledger = () => new Ledger()): Test {
  return {
    stateMachine,
    workload,
    model: () => new Model(),
    invariants: { 'money is conserved': (ledger) => ledger.total === ledger.deposited },
  };
}
