import { MemoryLog } from '../../src/memory-log.ts';
import type { Message } from '../../src/messages.ts';
import type { Ready } from '../../src/ready.ts';
import type { Entry, NodeId, ProposeResult, RaftConfig } from '../../src/types.ts';
import {
  bytes,
  renderEntries,
  renderMessage,
  renderReady,
  renderSnapshot,
  renderStatus,
} from './render.ts';
import { EMPTY_MEMBERSHIP, TestNode, testConfig } from './test-node.ts';

/*
 * A transcript is a text file of blocks. A block is commands, a line `----`, what they print, and an
 * empty line. Lines that begin with # are comments. The commands:
 *
 *   nodes 3 [learners=4,5] [election=10] [spread=10] [heartbeat=1] [lease] [append=1024]
 *           [inflight=8] [uncommitted=65536] [priorities=1:2,3:0] [timeouts=10,15,19]
 *                               a new cluster; `timeouts` fixes what each node's random draws give
 *   start 2 term=4 vote=0 commit=0 log=1,1,4   a node whose disk holds entries of these terms
 *   join 4                      a node that knows nobody
 *   flush manual | flush auto   whether batches become durable by themselves
 *   flush 1 [count]             the oldest batches of a node become durable
 *   tick 1 [times]              `all` for everybody
 *   run 20                      so many times: a tick for everybody, and everything is delivered
 *   quiet <command>             prints nothing
 *   doubt 1                     the failure detector has its doubts
 *   suspect 1                   the failure detector speaks
 *   propose 1 a b c             one entry each, before the node's work is taken
 *   read 1 7 [quorum]           asks for a read index, request 7; quorum: a lease does not do
 *   change 1 voters=1,2 [learners=3]
 *   transfer 1 2
 *   unreachable 1 2
 *   snapshot 1 2 installed      the streaming to 2 ended
 *   install 1 2 term=1 index=5  a snapshot of 1's, of that entry, is on its way to 2
 *   compact 1 5                 a snapshot at 5, and the log begins behind it
 *   crash 1 | restart 1 | wipe 1   wipe: restart with an empty disk
 *   deliver [1->2] [count]      messages arrive, oldest first, until there are none
 *   drop [1->2]                 messages that are on their way are lost
 *   partition 1,2 3             messages between groups are lost; `heal` ends it
 *   log [1] | status [1] | network
 */

/** Runs one transcript's commands and records what they print. */
export class Transcript {
  readonly #nodes = new Map<NodeId, TestNode>();
  #network: Message[] = [];
  #output: string[] = [];
  #flush: 'auto' | 'manual' = 'auto';
  #groups: readonly (readonly NodeId[])[] = [];
  #shared: Partial<RaftConfig> = {};
  #timeouts: readonly number[] = [];

  run(command: string): readonly string[] {
    this.#output = [];
    const words = command.trim().split(/\s+/);
    const isQuiet = words[0] === 'quiet';
    const [name = '', ...args] = isQuiet ? words.slice(1) : words;
    this.#execute(name, args);
    return isQuiet ? [] : this.#output;
  }

  #execute(name: string, args: readonly string[]): void {
    const action = this.#actions[name];
    if (action === undefined) throw new Error(`no such command: ${name}`);
    action(args);
    this.#settle();
  }

  readonly #actions: Record<string, (args: readonly string[]) => void> = {
    nodes: (args) => this.#startCluster(args),
    start: ([id = '', ...args]) => this.#startFrom(Number(id), settings(args)),
    join: ([id]) => this.#open(Number(id), new MemoryLog(), EMPTY_MEMBERSHIP),
    flush: ([what = '', count]) => this.#flushCommand(what, count),
    tick: ([who = '', times = '1']) => {
      for (let i = 0; i < Number(times); i += 1) {
        for (const node of this.#which(who)) node.node.tick();
        this.#settle();
      }
    },
    run: ([times]) => {
      for (let i = 0; i < Number(times); i += 1) {
        for (const node of this.#which('all')) node.node.tick();
        this.#settle();
        this.#deliver(undefined, Number.POSITIVE_INFINITY);
      }
    },
    doubt: ([id]) => this.#node(id).node.doubtLeader(),
    suspect: ([id]) => this.#node(id).node.suspectLeader(),
    propose: ([id, ...values]) => {
      for (const value of values) this.#answer(this.#node(id).node.propose(bytes(value)));
    },
    read: ([id, request, basis]) => {
      const asked = basis === 'quorum' ? 'quorum' : 'lease';
      this.#node(id).node.readIndex(Number(request), asked);
    },
    change: ([id, ...args]) => {
      const { voters, learners } = settings(args);
      const change = { voters: ids(voters), learners: ids(learners) };
      this.#answer(this.#node(id).node.changeMembership(change));
    },
    transfer: ([id, target]) => this.#node(id).node.transferLeadership(Number(target)),
    unreachable: ([id, peer]) => this.#node(id).node.reportUnreachable(Number(peer)),
    snapshot: ([id, peer, outcome]) => {
      const end = outcome === 'installed' ? 'installed' : 'failed';
      this.#node(id).node.reportSnapshot(Number(peer), end);
    },
    install: ([id, to, ...args]) => {
      const { term, index } = settings(args);
      const { node } = this.#node(id);
      const snapshot = { index: Number(index), term: Number(term), membership: node.membership };
      const from = Number(id);
      this.#network.push({
        type: 'InstallSnapshot',
        from,
        to: Number(to),
        term: node.term,
        snapshot,
      });
    },
    compact: ([id, index]) => this.#node(id).compact(Number(index), 0),
    crash: ([id]) => this.#node(id).crash(),
    restart: ([id]) => this.#node(id).restart(),
    wipe: ([id]) => {
      this.#node(id).durable = new MemoryLog();
      this.#node(id).restart();
    },
    deliver: ([link, count]) => this.#deliver(link, Number(count ?? Number.POSITIVE_INFINITY)),
    drop: ([link]) => {
      this.#network = this.#network.filter((message) => !isOn(message, link));
    },
    partition: (groups) => {
      this.#groups = groups.map(ids);
    },
    heal: () => {
      this.#groups = [];
    },
    log: ([id]) => {
      for (const node of this.#which(id ?? 'all')) this.#printLog(node);
    },
    status: ([id]) => {
      for (const node of this.#which(id ?? 'all')) {
        this.#output.push(...renderStatus(node.node.status()));
      }
    },
    network: () => {
      for (const message of this.#network) this.#output.push(renderMessage(message));
    },
  };

  #startCluster(args: readonly string[]): void {
    const set = settings(args);
    const number = (key: string, otherwise: number): number => Number(set[key] ?? otherwise);
    this.#timeouts = ids(set['timeouts']);
    this.#shared = {
      electionTicksMin: number('election', 10),
      electionTicksSpread: number('spread', 10),
      heartbeatTicks: number('heartbeat', 1),
      appendBytesMax: number('append', 1024),
      inflightMessagesMax: number('inflight', 8),
      uncommittedBytesMax: number('uncommitted', 65_536),
      leaseReads: args.includes('lease'),
      priorities: priorities(set['priorities']),
    };
    this.#nodes.clear();
    this.#network = [];
    this.#groups = [];
    const voters = Array.from({ length: Number(args[0]) }, (_, at) => at + 1);
    const learners = ids(set['learners']);
    const membership = { voters, votersOutgoing: [], learners };
    for (const id of [...voters, ...learners]) this.#open(id, new MemoryLog(), membership);
  }

  /** The random source of a node gives the time-out that the transcript wants, every time. */
  #open(id: NodeId, durable: MemoryLog, membership: RaftConfig['initialMembership']): void {
    const config = { ...testConfig(id, membership), ...this.#shared };
    const { electionTicksMin, electionTicksSpread } = config;
    const timeout = this.#timeouts[id - 1] ?? electionTicksMin;
    const random = (): number => (timeout - electionTicksMin + 0.5) / electionTicksSpread;
    const events = {
      onReady: (node: TestNode, ready: Ready) => this.#output.push(...renderReady(node.id, ready)),
      onSend: (message: Message) => this.#network.push(message),
      onPersisted: () => undefined,
    };
    this.#nodes.set(id, new TestNode({ config, random, durable }, events));
  }

  #startFrom(id: NodeId, set: Record<string, string>): void {
    const durable = new MemoryLog();
    const terms = ids(set['log']);
    const entries = terms.map((term, at): Entry => {
      const data = bytes(`t${term}`);
      return { index: at + 1, term, kind: 'command', data };
    });
    durable.append(entries);
    const number = (key: string): number => Number(set[key] ?? 0);
    durable.setHardState({ term: number('term'), vote: number('vote'), commit: number('commit') });
    this.#open(id, durable, this.#node(String(id)).options.config.initialMembership);
  }

  #flushCommand(what: string, count: string | undefined): void {
    if (what === 'auto' || what === 'manual') this.#flush = what;
    else this.#node(what).flush(count === undefined ? undefined : Number(count));
  }

  /** All nodes do the work there is, until there is none. */
  #settle(): void {
    let isBusy = true;
    while (isBusy) {
      isBusy = false;
      for (const node of this.#nodes.values()) {
        if (!node.isUp) continue;
        if (node.node.hasReady()) isBusy = true;
        node.work();
        if (this.#flush === 'manual' || node.unflushed.length === 0) continue;
        isBusy = true;
        node.flush();
      }
    }
  }

  #deliver(link: string | undefined, count: number): void {
    for (let i = 0; i < count; i += 1) {
      const at = this.#network.findIndex((message) => isOn(message, link));
      const [message] = at === -1 ? [] : this.#network.splice(at, 1);
      if (message === undefined) return;
      if (i > 1000) throw new Error('the messages never end');
      this.#arrive(message);
      this.#settle();
    }
  }

  #arrive(message: Message): void {
    const to = this.#nodes.get(message.to);
    if (to?.isUp !== true || this.#isCut(message)) {
      this.#output.push(`lost: ${renderMessage(message)}`);
      return;
    }
    this.#output.push(renderMessage(message));
    to.node.step(message);
  }

  #isCut({ from, to }: Message): boolean {
    if (this.#groups.length === 0) return false;
    return !this.#groups.some((group) => group.includes(from) && group.includes(to));
  }

  #answer(result: ProposeResult): void {
    if (result.outcome === 'accepted') return;
    const { outcome } = result;
    if (outcome === 'refused') this.#output.push(`refused: ${result.reason}`);
    else this.#output.push(outcome === 'notLeader' ? `notLeader: ${result.leaderId}` : outcome);
  }

  #printLog(node: TestNode): void {
    const { log } = node;
    const first = log.firstIndex();
    const last = log.lastIndex();
    const begin = first > 1 ? `[${renderSnapshot(log.snapshot())}] ` : '';
    const entries = first > last ? [] : log.entries(first, last, Number.POSITIVE_INFINITY);
    this.#output.push(`${node.id}: ${begin}${renderEntries(entries)}`);
  }

  #which(who: string): readonly TestNode[] {
    const nodes =
      who === 'all' ? [...this.#nodes.values()] : ids(who).map((id) => this.#node(`${id}`));
    return nodes.filter((node) => node.isUp);
  }

  #node(id: string | undefined): TestNode {
    const node = this.#nodes.get(Number(id));
    if (node === undefined) throw new Error(`no such node: ${id}`);
    return node;
  }
}

function isOn(message: Message, link: string | undefined): boolean {
  return link === undefined || link === '*' || link === `${message.from}->${message.to}`;
}

function settings(args: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    args.filter((arg) => arg.includes('=')).map((arg) => arg.split('=') as [string, string]),
  );
}

function ids(list: string | undefined): readonly number[] {
  return list === undefined || list === '' ? [] : list.split(',').map(Number);
}

function priorities(list: string | undefined): ReadonlyMap<NodeId, number> {
  if (list === undefined) return new Map();
  return new Map(list.split(',').map((pair) => pair.split(':').map(Number) as [number, number]));
}
