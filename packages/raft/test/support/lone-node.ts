import { MemoryLog } from '../../src/memory-log.ts';
import type { Message, MessageType } from '../../src/messages.ts';
import { RaftNode } from '../../src/raft-node.ts';
import type { Ready } from '../../src/ready.ts';
import { electionTermAfter } from '../../src/terms.ts';
import type { Entry, HardState, NodeId, RaftConfig, Term } from '../../src/types.ts';
import { bytes } from './render.ts';
import { testConfig } from './test-node.ts';

type Body<T extends MessageType> = Omit<Extract<Message, { type: T }>, 'type' | 'from' | 'to'>;

export interface LoneOptions {
  readonly voters?: readonly NodeId[];
  readonly hardState?: HardState;
  /** Terms of the entries that are on its disk. */
  readonly log?: readonly Term[];
  readonly config?: Partial<RaftConfig>;
  readonly random?: () => number;
}

/** Node 1, with its peers played by the test. Everything it writes is durable at once. */
export class LoneNode {
  readonly log = new MemoryLog();
  readonly node: RaftNode;
  /** What it sent, oldest first, since the last `take`. */
  #sent: Message[] = [];
  readonly applied: Entry[] = [];
  readonly readies: Ready[] = [];

  constructor(options: LoneOptions = {}) {
    const voters = options.voters ?? [1, 2, 3];
    this.log.append((options.log ?? []).map((term, at) => entry(term, at + 1)));
    this.log.setHardState(options.hardState ?? { term: 0, vote: 0, commit: 0 });
    const membership = { voters, votersOutgoing: [], learners: [] };
    const config = { ...testConfig(1, membership), ...options.config };
    this.node = new RaftNode(config, this.log, options.random ?? (() => 0));
    this.work();
  }

  /** A peer's message arrives, and all work that follows from it is done. */
  receive<T extends MessageType>(type: T, from: NodeId, body: Body<T>): this {
    this.node.step({ type, from, to: 1, ...body } as unknown as Message);
    return this.work();
  }

  tick(times: number): this {
    for (let i = 0; i < times; i += 1) {
      this.node.tick();
      this.work();
    }
    return this;
  }

  /** Elected by everybody, in the next term; its first entries are committed too if `commit`. */
  lead(extent: 'elected' | 'committed' = 'committed'): this {
    this.tick(10);
    const { role, term: now } = this.node;
    const term = role === 'preCandidate' ? electionTermAfter(now) : now;
    for (const id of this.#peers()) {
      this.receive('RequestPreVoteResponse', id, { term, granted: true });
    }
    for (const id of this.#peers())
      this.receive('RequestVoteResponse', id, { term, granted: true });
    if (extent === 'committed') for (const id of this.#peers()) this.accept(id);
    this.take();
    return this;
  }

  /** The peer acknowledges everything the leader has. */
  accept(from: NodeId, index = this.node.lastIndex): this {
    const { term } = this.node;
    const none = { hintIndex: 0, hintTerm: 0 };
    return this.receive('AppendEntriesResponse', from, { term, accepted: true, index, ...none });
  }

  work(): this {
    while (this.node.hasReady()) {
      const ready = this.node.ready();
      this.readies.push(ready);
      this.log.write(ready);
      this.node.onPersisted(ready.number);
      this.#sent.push(...ready.messages, ...ready.messagesAfterPersist);
      this.applied.push(...ready.committedEntries);
      const last = ready.committedEntries.at(-1);
      if (last !== undefined) this.node.onApplied(last.index);
    }
    return this;
  }

  take(): readonly Message[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  terms(): readonly Term[] {
    const last = this.log.lastIndex();
    return Array.from({ length: last }, (_, at) => this.log.term(at + 1));
  }

  #peers(): readonly NodeId[] {
    return this.node.membership.voters.filter((id) => id !== 1);
  }
}

function entry(term: Term, index: number): Entry {
  return { index, term, kind: 'command', data: bytes(`${term}.${index}`) };
}

export function entries(first: number, ...terms: readonly Term[]): readonly Entry[] {
  return terms.map((term, at) => entry(term, first + at));
}
