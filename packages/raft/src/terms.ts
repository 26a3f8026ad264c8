import { TERMS_PER_ELECTION } from './limits.ts';
import type { Term } from './types.ts';

/*
 * Terms come in blocks. Votes decide who leads the first term of a block, and nobody is elected in any other:
 * those are handed on. Whoever leads a term appoints the leader of the next one, once, and leads no more. So a term
 * still has one leader at most, and it has what all before it have committed: its predecessor's whole log.
 */

/** The first term after `term` in which somebody may be elected. */
export function electionTermAfter(term: Term): Term {
  return Math.ceil(term / TERMS_PER_ELECTION) * TERMS_PER_ELECTION + 1;
}

/** Whether votes decide who leads `term`. */
export function isElectionTerm(term: Term): boolean {
  return term % TERMS_PER_ELECTION === 1;
}

/** Whether the leader of `term` may appoint who leads the next one. */
export function mayAppoint(term: Term): boolean {
  return !isElectionTerm(term + 1);
}
