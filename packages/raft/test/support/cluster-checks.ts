import { assert } from '../../src/assert.ts';
import type { Message } from '../../src/messages.ts';
import type { Ready } from '../../src/ready.ts';
import { isElectionTerm } from '../../src/terms.ts';
import type { Entry, LogIndex, NodeId, RequestId, Term } from '../../src/types.ts';
import { renderEntry } from './render.ts';
import type { TestNode } from './test-node.ts';

/** What must hold of all nodes together (Raft figure 3), whatever the network and the disks do. */
export class ClusterChecks {
  readonly #leaders = new Map<Term, NodeId>();
  /** With the first term in which somebody is known to have handed it out: committed by then. */
  readonly #committed = new Map<LogIndex, { readonly entry: string; readonly term: Term }>();
  readonly #reads = new Map<RequestId, LogIndex>();
  committedMax: LogIndex = 0;
  readsAnswered = 0;

  get elections(): number {
    return this.#leaders.size;
  }

  onReady(node: TestNode, ready: Ready): void {
    if (ready.softState?.role === 'leader') this.#onLeader(node);
    for (const entry of ready.committedEntries) this.#onCommitted(entry, node.node.term);
    for (const { requestId, index } of ready.readStates) this.#onRead(requestId, index);
    this.committedMax = Math.max(this.committedMax, node.node.commitIndex);
  }

  /** A read was asked for: its answer must be at least what anybody knows to be committed now. */
  onReadAsked(requestId: RequestId): void {
    this.#reads.set(requestId, this.committedMax);
  }

  /** What a message promises is on its sender's disk. */
  onSend(sender: TestNode, message: Message): void {
    const { durable } = sender;
    if (message.type === 'AppendEntriesResponse' && message.accepted) {
      // A later term may have replaced entries by now; then its term is durable as well.
      const isReplaced = durable.hardState().term > message.term;
      assert(isReplaced || durable.lastIndex() >= message.index, 'acknowledged = durable');
    }
    if (message.type === 'RequestVoteResponse' && message.granted) {
      this.#assertVoted(sender, message.term, message.to);
    }
    // A candidate only asks; who was elected has voted for itself for good.
    const isLeaders = message.type === 'AppendEntries' || message.type === 'Heartbeat';
    if (isLeaders && isElectionTerm(message.term)) {
      this.#assertVoted(sender, message.term, sender.id);
    }
  }

  /** If two logs agree on the term at an index, they agree on everything before it. */
  checkLogMatching(nodes: readonly TestNode[]): void {
    for (const a of nodes) for (const b of nodes) if (a.id < b.id) assertMatching(a, b);
  }

  #assertVoted(voter: TestNode, term: Term, candidate: NodeId): void {
    const hardState = voter.durable.hardState();
    const isCurrent = hardState.term === term && hardState.vote === candidate;
    assert(isCurrent || hardState.term > term, 'a vote is durable before it is heard of');
  }

  #onLeader(node: TestNode): void {
    const { term } = node.node;
    const other = this.#leaders.get(term);
    assert(other === undefined || other === node.id, 'election safety: one leader in a term');
    this.#leaders.set(term, node.id);
    for (const [index, committed] of this.#committed) {
      // A candidate may learn late that it was elected: later terms may have committed more by then.
      if (committed.term >= term || index < node.log.firstIndex()) continue;
      assert(index <= node.log.lastIndex(), 'leader completeness: nothing committed is missing');
      assert(
        renderAt(node, index) === committed.entry,
        'leader completeness: nothing committed differs',
      );
    }
  }

  #onCommitted(entry: Entry, term: Term): void {
    const known = this.#committed.get(entry.index);
    const rendered = renderEntry(entry);
    assert(known === undefined || known.entry === rendered, 'state machine safety');
    const first = Math.min(term, known?.term ?? term);
    this.#committed.set(entry.index, { entry: rendered, term: first });
  }

  #onRead(requestId: RequestId, index: LogIndex): void {
    const expected = this.#reads.get(requestId);
    if (expected === undefined) return;
    assert(index >= expected, 'a read sees what was committed when it was asked for');
    this.readsAnswered += 1;
  }
}

function renderAt(node: TestNode, index: LogIndex): string {
  return renderEntry(node.log.entries(index, index, 1)[0] as Entry);
}

function assertMatching(a: TestNode, b: TestNode): void {
  const lowest = Math.max(a.log.firstIndex(), b.log.firstIndex());
  let isMatched = false;
  for (let i = Math.min(a.log.lastIndex(), b.log.lastIndex()); i >= lowest; i -= 1) {
    if (a.log.term(i) === b.log.term(i)) isMatched = true;
    if (isMatched) assert(renderAt(a, i) === renderAt(b, i), 'log matching');
  }
}
