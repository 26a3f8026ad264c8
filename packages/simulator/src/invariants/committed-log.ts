import type { LogIndex, NodeId, Term } from '@bellwether/raft';
import { Violation } from './violation.ts';

/** What tells an entry from others at its index. */
export interface EntryMark {
  readonly term: Term;
  readonly hash: number;
}

interface Committed {
  readonly term: Term;
  readonly hash: number;
  readonly by: NodeId;
  /** It was committed in this term, or before. */
  readonly inTerm: Term;
}

/** What any node ever said is committed. It is decided for ever: nobody may say anything else. */
export class CommittedLog {
  readonly #entries: (Committed | undefined)[] = [undefined];

  get lastIndex(): LogIndex {
    return this.#entries.length - 1;
  }

  /** Undefined where nobody's log was seen to hold it. */
  term(index: LogIndex): Term | undefined {
    return this.#entries[index]?.term;
  }

  /** The term in which it was committed, or a later one; undefined as above. */
  committedIn(index: LogIndex): Term | undefined {
    return this.#entries[index]?.inTerm;
  }

  /** Node `nodeId`, in term `inTerm`, holds the entry committed; returns whether that is news. */
  onCommitted(nodeId: NodeId, inTerm: Term, index: LogIndex, entry: EntryMark): boolean {
    const { term, hash } = entry;
    const known = this.#entries[index];
    if (known === undefined) {
      while (this.#entries.length < index) this.#entries.push(undefined);
      this.#entries[index] = { term, hash, by: nodeId, inTerm };
      return true;
    }
    if (known.term === term && known.hash === hash) return false;
    const said = `node ${nodeId} says ${term}, node ${known.by} said ${known.term}`;
    const what = known.term === term ? 'with another content' : `of another term: ${said}`;
    throw new Violation('committedIsImmutable', `index ${index} is committed ${what}`);
  }
}
