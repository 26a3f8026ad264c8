import type { Codec, ReadConsistency, StateMachine } from '@bellwether/cluster';
import type { Clients, OperationCounts, Stage } from '../application.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import type { RandomSource } from '../random.ts';
import { checkHistory } from './history-check.ts';
import type { MachineLog } from './machine-log.ts';
import type { MachineTest } from './machine-options.ts';
import { MachineService } from './machine-service.ts';
import { frameOperation } from './operation-frame.ts';
import { Operations, type Asked } from './operations.ts';
import { copyOf } from './values.ts';

/** A client has no more than this under way. */
const UNDER_WAY_MAX = 8;
/** What it asks for at once. */
const BURST_MAX = 4;
/** How often a client turns to another node. */
const MOVES = 0.1;
/** How often a command is for the term of its node alone, where that leads. */
const IN_TERM = 0.2;
/** How often a read that may be anything is stale, or rests on a lease where there are leases. */
const STALE = 0.1;
const LEASE = 0.5;

/** One program that uses the cluster, through one node at a time. */
interface Client {
  readonly number: number;
  readonly random: RandomSource;
  node: SimulatedNode;
  steps: number;
  underWay: number;
}

/** Clients that do what a workload says, and what they were told. */
export class MachineClients<
  Command,
  Result,
  Query,
  Answer,
  Machine extends StateMachine<Command, Result, Query, Answer>,
> implements Clients {
  readonly #test: MachineTest<Command, Result, Query, Answer, Machine>;
  readonly #log: MachineLog;
  readonly #stage: Stage;
  readonly #operations: Operations;
  readonly #codec: Codec<Command> | undefined;
  readonly #clients: readonly Client[];
  #isStopped = false;

  constructor(
    test: MachineTest<Command, Result, Query, Answer, Machine>,
    log: MachineLog,
    stage: Stage,
  ) {
    this.#test = test;
    this.#log = log;
    this.#stage = stage;
    this.#operations = new Operations(stage.world);
    this.#codec = test.stateMachine().codec;
    this.#clients = Array.from({ length: stage.settings.clients }, (_, i) => {
      const random = stage.random.fork(`client ${i + 1}`);
      return { number: i + 1, random, node: random.pick(stage.nodes), steps: 0, underWay: 0 };
    });
  }

  get counts(): OperationCounts {
    return this.#operations.counts;
  }

  start(): void {
    for (const client of this.#clients) this.#actLater(client);
  }

  /** Each does one thing more; what it asked for before is answered by then, or never. */
  finish(): void {
    this.#isStopped = true;
    for (const client of this.#clients) this.#act(client);
  }

  whatIsStuck(): readonly string[] {
    return this.#operations.pending.map(
      ({ client, number }) => `client ${client} waits for its operation ${number}`,
    );
  }

  check(): void {
    checkHistory(this.#test, this.#log, this.#operations.all);
  }

  press(node: SimulatedNode, count: number): void {
    const clients = this.#clients.filter((client) => client.node === node);
    for (const client of clients) {
      for (let i = 0; i < count && client.underWay < UNDER_WAY_MAX; i++) this.#act(client);
    }
  }

  #actLater(client: Client): void {
    const { world, settings } = this.#stage;
    world.after(client.random.exponential(settings.actIntervalMs), () => {
      if (this.#isStopped) return;
      const steps = client.random.between(1, BURST_MAX);
      for (let i = 0; i < steps && client.underWay < UNDER_WAY_MAX; i++) this.#act(client);
      this.#actLater(client);
    });
  }

  #act(client: Client): void {
    const { random, number } = client;
    if (random.chance(MOVES)) client.node = random.pick(this.#stage.nodes);
    const { process } = client.node;
    const service = process?.host.service;
    if (process === undefined || !(service instanceof MachineService)) return;
    client.steps += 1;
    const todo = this.#test.workload({ random, client: number, step: client.steps });
    const asked: Asked =
      'command' in todo
        ? { kind: 'command', command: copyOf(todo.command) }
        : {
            kind: 'query',
            query: copyOf(todo.query),
            consistency: this.#consistency(client, todo),
          };
    process.service.run(() => this.#ask(client, service, asked));
  }

  #ask(client: Client, service: MachineService<Query>, asked: Asked): void {
    const operation = this.#operations.begin(client.number, client.node.id, asked);
    client.underWay += 1;
    const waiter = {
      resolve: (value: unknown) => {
        client.underWay -= 1;
        this.#operations.done(operation, copyOf(value), service.appliedIndex);
      },
      reject: (error: Error) => {
        client.underWay -= 1;
        this.#operations.failed(operation, error);
      },
    };
    if (asked.kind === 'query') {
      service.read(asked.query as Query, asked.consistency, waiter);
      return;
    }
    const command = asked.command as Command;
    const encoded = this.#codec?.encode(command) ?? (command as Uint8Array);
    const { role, term } = service.leadership;
    const onlyInTerm = role === 'leader' && client.random.chance(IN_TERM) ? term : undefined;
    service.propose(frameOperation(operation.number, encoded), onlyInTerm, waiter);
  }

  #consistency(
    { random }: Client,
    { consistency }: { readonly consistency?: ReadConsistency },
  ): ReadConsistency {
    if (consistency !== undefined) return consistency;
    if (random.chance(STALE)) return 'stale';
    return this.#stage.settings.leaseReads && random.chance(LEASE) ? 'lease' : 'linearizable';
  }
}
