import { join } from 'node:path';
import type { NodeId } from '@bellwether/raft';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type {
  ClusterOptions,
  CommandContext,
  RestoreSink,
  StateMachine,
} from '@bellwether/cluster';
import {
  Cluster,
  CommandRejected,
  jsonCodec,
  jsonRestore,
  jsonSnapshot,
} from '@bellwether/cluster';
import { type AtEnd, freePorts, Signal, temporaryDirectory } from '../support.ts';

export type Command =
  | {
      readonly kind: 'deposit';
      readonly to: string;
      readonly amount: number;
      readonly note?: string;
    }
  | { readonly kind: 'move'; readonly from: string; readonly to: string; readonly amount: number };

export type Query = { readonly account: string } | { readonly sumOf: 'all' };

/** Says how much was missing. */
export class Overdrawn extends CommandRejected {
  readonly missing: number;

  constructor(missing: number) {
    super(`${missing} are missing`);
    this.missing = missing;
  }
}

/** Money on accounts. */
export class Accounts implements StateMachine<Command, number, Query, number> {
  readonly codec = jsonCodec<Command>();
  balances = new Map<string, number>();
  applied = 0;
  lastContext: CommandContext | undefined;
  onChange: () => void = () => undefined;

  apply(command: Command, context: CommandContext): number {
    this.lastContext = context;
    if (command.kind === 'move') this.#add(command.from, -command.amount);
    const balance = this.#add(command.to, command.amount);
    this.applied += 1;
    this.onChange();
    return balance;
  }

  query(query: Query): number {
    if ('account' in query && query.account === '') throw new RangeError('no account has no name');
    if ('account' in query) return this.#balanceOf(query.account);
    return [...this.balances.values()].reduce((sum, balance) => sum + balance, 0);
  }

  snapshot(): Iterable<Uint8Array> {
    return jsonSnapshot([...this.balances]);
  }

  restore(): RestoreSink {
    return jsonRestore<[string, number][]>((balances) => {
      this.balances = new Map(balances);
      this.onChange();
    });
  }

  #add(account: string, amount: number): number {
    const balance = this.#balanceOf(account) + amount;
    if (balance < 0) throw new Overdrawn(-balance);
    this.balances.set(account, balance);
    return balance;
  }

  #balanceOf(account: string): number {
    return this.balances.get(account) ?? 0;
  }
}

export type Bank = Cluster<Command, number, Query, number>;
export type BankOptions = ClusterOptions<Command, number, Query, number>;

export interface Branch {
  readonly id: NodeId;
  readonly cluster: Bank;
  readonly accounts: Accounts;
  readonly failures: Error[];
}

interface Setup {
  readonly more?: Partial<BankOptions>;
  readonly createAccounts?: (id: NodeId) => Accounts;
  /** When they are stopped; after the test when absent. */
  readonly atEnd?: AtEnd;
}

/** Members of one cluster within this process. */
export async function bank(
  count: number,
  { more = {}, createAccounts, atEnd = onTestFinished }: Setup = {},
) {
  const directory = temporaryDirectory(atEnd);
  const ports = await freePorts(count);
  const peers = ports.map((port, i) => ({ id: i + 1, host: '127.0.0.1', port }));
  const signal = new Signal();
  const start = async (id: NodeId, options: Partial<BankOptions> = {}): Promise<Branch> => {
    const failures: Error[] = [];
    const accounts = createAccounts?.(id) ?? new Accounts();
    accounts.onChange = signal.changed;
    const cluster = await Cluster.start<Command, number, Query, number>({
      ...{ id, peers, dataDir: join(directory, `${id}`), stateMachine: accounts },
      onLeadership: signal.changed,
      onFatal: (error) => {
        failures.push(error);
        signal.changed();
      },
      ...more,
      ...options,
    });
    atEnd(() => cluster.stop());
    return { id, cluster, accounts, failures };
  };
  /** All of them, once one serves; the leader first. */
  const startAll = async (): Promise<readonly [Branch, ...Branch[]]> => {
    const branches = await Promise.all(peers.map((peer) => start(peer.id)));
    await Promise.all(branches.map(({ cluster }) => cluster.readBarrier()));
    return leaderFirst(branches, signal);
  };
  return { start, startAll, signal, peers };
}

/** One cluster for all tests of a file; whoever leads comes first. */
export function sharedBank(count: number, more: Partial<BankOptions> = {}) {
  const cleanUps: (() => void | Promise<void>)[] = [];
  let branches: readonly Branch[] = [];
  let signal = new Signal();
  beforeAll(async () => {
    const shared = await bank(count, { more, atEnd: (cleanUp) => cleanUps.push(cleanUp) });
    branches = await shared.startAll();
    signal = shared.signal;
  });
  afterAll(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  });
  return {
    all: () => leaderFirst(branches, signal),
    until: (holds: () => boolean) => signal.until(holds),
  };
}

/** Once one of them leads and knows it, which may be after the others do. */
async function leaderFirst(
  branches: readonly Branch[],
  signal: Signal,
): Promise<readonly [Branch, ...Branch[]]> {
  const find = (): Branch | undefined =>
    branches.find(({ cluster: { leadership } }) => leadership.role === 'leader');
  await signal.until(() => find() !== undefined);
  const leader = find()!;
  return [leader, ...branches.filter((branch) => branch !== leader)];
}

export const deposit = (to: string, amount = 1): Command => ({ kind: 'deposit', to, amount });
