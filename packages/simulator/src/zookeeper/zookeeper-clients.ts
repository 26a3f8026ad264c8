import type { NodeId } from '@bellwether/raft';
import type { Clients, OperationCounts, Stage } from '../application.ts';
import { Violation } from '../invariants/violation.ts';
import type { HistoryRecord } from '../oracle/history.ts';
import { OracleError } from '../oracle/history.ts';
import { judge } from '../oracle/judge.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import type { RandomSource } from '../random.ts';
import { ClientNetwork } from './client-network.ts';
import { Founder } from './founder.ts';
import type { KeptSessions } from './kept-sessions.ts';
import { SimulatedClient } from './simulated-client.ts';
import { ZookeeperService } from './zookeeper-service.ts';

/** How often a client's program vanishes and another one begins. */
const REPLACE_MS = 1_500;

/** Programs that use the cluster as ZooKeeper's clients do, and what they were told. */
export class ZookeeperClients implements Clients {
  readonly #stage: Stage;
  readonly #random: RandomSource;
  readonly #network: ClientNetwork;
  readonly #records: HistoryRecord[] = [];
  readonly #founder: Founder;
  #clients: SimulatedClient[] = [];
  readonly #gone: SimulatedClient[] = [];
  readonly #count: number;
  #isFinishing = false;
  #newest = 1;

  constructor(stage: Stage, kept: KeptSessions) {
    this.#stage = stage;
    this.#random = stage.random;
    this.#count = stage.settings.clients;
    const { world, nodes } = stage;
    const onHeard = (session: number, node: NodeId): void => kept.onHeard(session, node);
    this.#network = new ClientNetwork(world, nodes, stage.random.fork('network'), onHeard);
    this.#founder = new Founder({
      ...{ world, network: this.#network, records: this.#records },
      random: stage.random.fork('founder'),
    });
  }

  get counts(): OperationCounts {
    const counts = { done: 0, failed: 0, indeterminate: 0 };
    for (const { recorder } of [...this.#clients, ...this.#gone]) {
      counts.done += recorder.counts.done;
      counts.failed += recorder.counts.failed;
      counts.indeterminate += recorder.counts.indeterminate;
    }
    return counts;
  }

  /** The znodes that all share are made first, by a client of their own. */
  start(): void {
    this.#founder.start(() => {
      while (this.#clients.length < this.#count) this.#add();
      if (this.#isFinishing) for (const client of this.#clients) client.finish();
      else this.#replaceNow();
    });
  }

  press(node: SimulatedNode, count: number): void {
    for (const client of this.#clientsOf(node)) client.press(count);
  }

  evict(node: SimulatedNode): void {
    for (const client of this.#clientsOf(node)) client.loseConnection();
  }

  disturb(random: RandomSource): boolean {
    this.#network.disturb(random);
    return true;
  }

  finish(): void {
    this.#isFinishing = true;
    this.#network.healAll();
    for (const client of this.#clients) client.finish();
  }

  whatIsStuck(): readonly string[] {
    if (!this.#founder.isDone) return ['the first client, which makes what the others share'];
    const waiting = this.#clients.map((client) => client.whatIsStuck());
    return [...waiting, ...this.#gone.map((client) => this.#leftBehind(client))].filter(
      (text) => text !== undefined,
    );
  }

  check(): void {
    try {
      judge(this.#records);
    } catch (error) {
      if (!(error instanceof OracleError)) throw error;
      throw new Violation(error.promise, error.message);
    }
  }

  #clientsOf({ id }: SimulatedNode): readonly SimulatedClient[] {
    return this.#clients.filter(({ nodeId }) => nodeId === id);
  }

  #add(): void {
    const { world, settings } = this.#stage;
    const client = ++this.#newest;
    const added = new SimulatedClient({
      ...{ world, client, network: this.#network, records: this.#records },
      random: this.#random.fork(`client ${client}`),
      intervalMs: settings.actIntervalMs,
    });
    this.#clients.push(added);
    added.start();
  }

  #replaceNow(): void {
    this.#stage.world.after(this.#random.exponential(REPLACE_MS), () => {
      if (this.#isFinishing) return;
      const leaving = this.#random.pick(this.#clients);
      this.#stage.world.note(`client ${leaving.id} vanishes`);
      this.#clients = this.#clients.filter((client) => client !== leaving);
      this.#gone.push(leaving);
      leaving.abandon();
      this.#add();
      this.#replaceNow();
    });
  }

  /** A session whose client is gone has to end. */
  #leftBehind({ id, sessionId }: SimulatedClient): string | undefined {
    for (const { process } of this.#stage.nodes) {
      const service = process?.host.service;
      if (!(service instanceof ZookeeperService)) continue;
      if (service.server.coordinator.sessions.has(sessionId)) {
        return `session ${sessionId} of client ${id}, which is gone`;
      }
    }
    return undefined;
  }
}
