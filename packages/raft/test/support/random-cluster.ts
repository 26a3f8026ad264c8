import { MemoryLog } from '../../src/memory-log.ts';
import type { Message } from '../../src/messages.ts';
import type { NodeId, Random, RaftConfig } from '../../src/types.ts';
import { ClusterChecks } from './cluster-checks.ts';
import { seededRandom } from './random.ts';
import { bytes } from './render.ts';
import { EMPTY_MEMBERSHIP, TestNode, testConfig } from './test-node.ts';

export interface RandomClusterOptions {
  readonly seed: number;
  /** Members at the start; as many more nodes wait to be added. */
  readonly voters: number;
  readonly config: Partial<RaftConfig>;
  /** Leases need clocks that run alike; everything else must not. */
  readonly clocks: 'independent' | 'alike';
  readonly membershipChanges: 'yes' | 'no';
}

/** A cluster that suffers everything a network, a disk and an operator can do, in random order. */
export class RandomCluster {
  readonly checks = new ClusterChecks();
  readonly nodes: readonly TestNode[];
  readonly #options: RandomClusterOptions;
  readonly #random: Random;
  #network: Message[] = [];
  /** Messages between these nodes and the others are lost. */
  #cutOff: readonly NodeId[] = [];
  #requests = 0;
  #proposals = 0;

  constructor(options: RandomClusterOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    const voters = Array.from({ length: options.voters }, (_, at) => at + 1);
    const spares = options.membershipChanges === 'yes' ? voters.map((id) => id + 10) : [];
    const membership = { voters, votersOutgoing: [], learners: [] };
    this.nodes = [
      ...voters.map((id) => this.#open(id, membership)),
      ...spares.map((id) => this.#open(id, EMPTY_MEMBERSHIP)),
    ];
  }

  /** One random event, and all the work that follows from it but flushing. */
  step(): void {
    const dice = Math.floor(this.#random() * 1000);
    if (dice < 480) this.#deliverAny();
    else if (dice < 670) this.#flushAny();
    else if (dice < 830) this.#tickAny();
    else if (dice < 900) this.#propose();
    else if (dice < 930) this.#read();
    else if (dice < 950) this.#loseAny();
    else this.#disturb(dice - 950);
    for (const node of this.nodes) if (node.isUp) node.work();
  }

  /** Everything works from now on. Returns whether the cluster then comes to life and agrees. */
  recovers(rounds: number): boolean {
    this.#cutOff = [];
    for (const node of this.nodes) if (!node.isUp) node.restart();
    for (let i = 0; i < rounds; i += 1) {
      for (const node of this.nodes) node.node.tick();
      this.#settle();
      if (i % 20 === 10) this.#propose();
      this.#settle();
      if (i > 50 && this.#agrees()) return true;
    }
    return false;
  }

  checkLogs(): void {
    this.checks.checkLogMatching(this.nodes);
  }

  #open(id: NodeId, membership: RaftConfig['initialMembership']): TestNode {
    const config = { ...testConfig(id, membership), ...this.#options.config };
    const events = {
      onReady: this.checks.onReady.bind(this.checks),
      onSend: (message: Message) => {
        this.checks.onSend(this.#node(message.from), message);
        this.#network.push(message);
      },
      onPersisted: () => undefined,
    };
    return new TestNode({ config, random: this.#random, durable: new MemoryLog() }, events);
  }

  #node(id: NodeId): TestNode {
    return this.nodes.find((node) => node.id === id) as TestNode;
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#random() * from.length)];
  }

  #pickUp(): TestNode | undefined {
    return this.#pick(this.nodes.filter((node) => node.isUp));
  }

  /** Any of those who think so. */
  #pickLeader(): TestNode | undefined {
    return this.#pick(this.nodes.filter((node) => node.isUp && node.node.role === 'leader'));
  }

  /** Mostly the oldest, sometimes any; sometimes it stays, to arrive again. */
  #deliverAny(): void {
    if (this.#network.length === 0) return;
    const isOldest = this.#random() < 0.7;
    const at = isOldest ? 0 : Math.floor(this.#random() * this.#network.length);
    const message = this.#network[at] as Message;
    if (this.#random() < 0.95) this.#network.splice(at, 1);
    this.#arrive(message);
  }

  #arrive(message: Message): void {
    const to = this.#node(message.to);
    const { from } = message;
    const isCut = this.#cutOff.includes(from) !== this.#cutOff.includes(message.to);
    const arrives = to.isUp && !isCut;
    if (arrives) to.node.step(message);
    if (message.type !== 'InstallSnapshot' || !this.#node(from).isUp) return;
    this.#node(from).node.reportSnapshot(to.id, arrives ? 'installed' : 'failed');
  }

  #loseAny(): void {
    const at = Math.floor(this.#random() * this.#network.length);
    const [message] = this.#network.splice(at, 1);
    if (message === undefined || !this.#node(message.from).isUp) return;
    const sender = this.#node(message.from).node;
    if (message.type === 'InstallSnapshot') sender.reportSnapshot(message.to, 'failed');
    else if (this.#random() < 0.5) sender.reportUnreachable(message.to);
  }

  #flushAny(): void {
    const node = this.#pickUp();
    node?.flush(1 + Math.floor(this.#random() * 3));
  }

  #tickAny(): void {
    if (this.#options.clocks === 'independent') this.#pickUp()?.node.tick();
    else for (const node of this.nodes) if (node.isUp) node.node.tick();
  }

  #propose(): void {
    this.#proposals += 1;
    this.#pickLeader()?.node.propose(bytes(`p${this.#proposals}`));
  }

  #read(): void {
    this.#requests += 1;
    this.checks.onReadAsked(this.#requests);
    this.#pickUp()?.node.readIndex(this.#requests);
  }

  #disturb(dice: number): void {
    const node = this.#pick(this.nodes);
    if (node === undefined) return;
    if (dice >= 38) return this.#divide();
    if (!node.isUp) return node.restart();
    if (dice < 8) this.#crash(node);
    else if (dice < 18) node.node.suspectLeader();
    else if (dice < 24) node.node.transferLeadership(this.#pick(this.nodes)?.id ?? 0);
    else if (dice < 32) this.#compact(node);
    else if (this.#options.membershipChanges === 'yes') this.#change();
  }

  /** Leadership is handed to a process, over its connection: it does not find whoever comes after it. */
  #crash(node: TestNode): void {
    node.crash();
    const isFor = ({ type, to }: Message): boolean => type === 'HandOver' && to === node.id;
    this.#network = this.#network.filter((message) => !isFor(message));
  }

  /** Somebody, often the leader, is alone or with another; half the time everybody is together again. */
  #divide(): void {
    const alone = [this.#pickLeader(), this.#pick(this.nodes)].filter(() => this.#random() < 0.7);
    this.#cutOff = this.#random() < 0.5 ? [] : alone.flatMap((node) => node?.id ?? []);
  }

  #compact(node: TestNode): void {
    const { appliedIndex } = node.node;
    if (node.unflushed.length > 0 || appliedIndex <= node.log.snapshot().index) return;
    node.compact(appliedIndex, Math.floor(this.#random() * 3));
  }

  #change(): void {
    const isIn = (): boolean => this.#random() < 0.5;
    const voters = this.nodes.filter(isIn).map((node) => node.id);
    const others = this.nodes.filter((node) => !voters.includes(node.id));
    const learners = others.filter(isIn).map((node) => node.id);
    this.#pickLeader()?.node.changeMembership({ voters, learners });
  }

  #settle(): void {
    let isBusy = true;
    while (isBusy) {
      isBusy = false;
      for (const node of this.nodes) {
        node.work();
        if (node.unflushed.length > 0) isBusy = true;
        node.flush();
      }
      const messages = this.#network;
      this.#network = [];
      for (const message of messages) this.#arrive(message);
      if (messages.length > 0) isBusy = true;
    }
  }

  /** One leads, and everybody it knows has applied all that it has. */
  #agrees(): boolean {
    const leaders = this.nodes.filter((node) => node.node.role === 'leader');
    const [leader] = leaders;
    if (leader === undefined || leaders.length > 1) return false;
    const { voters, votersOutgoing, learners } = leader.node.membership;
    if (votersOutgoing.length > 0) return false;
    const last = leader.node.lastIndex;
    return [...voters, ...learners].every((id) => this.#node(id).node.appliedIndex === last);
  }
}
