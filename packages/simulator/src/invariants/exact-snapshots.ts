import type { LogIndex, Membership, NodeId, SnapshotMetadata, Term } from '@bellwether/raft';
import { Violation } from './violation.ts';

/**
 * A snapshot stands for exactly the entries up to its index: it bears the term of the last of them, and
 * the membership that they have led to, no newer one (Raft section 7).
 */
export class ExactSnapshots {
  /** Committed memberships, by the index of their entries. */
  readonly #memberships: { readonly index: LogIndex; readonly membership: Membership }[] = [];

  /** A membership was committed, for the first time anywhere; in the order of the log. */
  onMembership(index: LogIndex, membership: Membership): void {
    this.#memberships.push({ index, membership });
  }

  /**
   * A node's newest snapshot is another one than before.
   *
   * @param committedTerm of the entry at its index; undefined where nobody's log was seen to hold it
   */
  onSnapshot(nodeId: NodeId, snapshot: SnapshotMetadata, committedTerm: Term | undefined): void {
    const { index, term, membership } = snapshot;
    const name = `node ${nodeId}'s snapshot of ${term}/${index}`;
    if (committedTerm !== undefined && committedTerm !== term) {
      throw new Violation('exactSnapshots', `${name} covers ${committedTerm}/${index}`);
    }
    const known = this.#memberships.findLast((item) => item.index <= index)?.membership;
    if (known === undefined || committedTerm === undefined) return;
    if (textOf(known) === textOf(membership)) return;
    const both = `${textOf(membership)}, though ${textOf(known)} was in force`;
    throw new Violation('exactSnapshots', `${name} says ${both}`);
  }
}

function textOf({ voters, votersOutgoing, learners, context }: Membership): string {
  const groups = [voters, votersOutgoing, learners].map((ids) => ids.join(' ') || 'none').join('/');
  return `${groups} (${context?.length ?? 0} bytes beside it)`;
}
