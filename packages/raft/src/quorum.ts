import type { Membership, NodeId } from './types.ts';

export type VoteResult = 'won' | 'lost' | 'pending';

/**
 * The largest value that a majority of `values` has reached: the middle one, counted from the top.
 * Sorts `values` in place. An empty set has no say: Infinity, the neutral element of `Math.min`.
 */
export function majorityValue(values: number[]): number {
  if (values.length === 0) return Number.POSITIVE_INFINITY;
  sortDescending(values);
  return values[values.length >> 1] as number;
}

/** What both majorities of a (possibly joint) configuration have reached (Raft section 6). */
export function jointValue(voters: number[], votersOutgoing: number[]): number {
  return Math.min(majorityValue(voters), majorityValue(votersOutgoing));
}

/** Outcome of an election among `voters`, of whom `votes` holds those who answered. */
export function majorityVote(
  voters: readonly NodeId[],
  votes: ReadonlyMap<NodeId, boolean>,
): VoteResult {
  if (voters.length === 0) return 'won';
  let granted = 0;
  let open = 0;
  for (const id of voters) {
    const vote = votes.get(id);
    if (vote === undefined) open += 1;
    else if (vote) granted += 1;
  }
  const needed = (voters.length >> 1) + 1;
  if (granted >= needed) return 'won';
  return granted + open >= needed ? 'pending' : 'lost';
}

/** An election is won in both configurations and lost in either (Raft section 6). */
export function voteResult(
  membership: Membership,
  votes: ReadonlyMap<NodeId, boolean>,
): VoteResult {
  if (membership.voters.length === 0) return 'lost';
  const incoming = majorityVote(membership.voters, votes);
  const outgoing = majorityVote(membership.votersOutgoing, votes);
  if (incoming === 'lost' || outgoing === 'lost') return 'lost';
  return incoming === 'won' && outgoing === 'won' ? 'won' : 'pending';
}

/** Insertion sort: a handful of numbers, on every acknowledgement, without a comparator's calls. */
function sortDescending(values: number[]): void {
  for (let i = 1; i < values.length; i += 1) {
    const value = values[i] as number;
    let j = i - 1;
    while (j >= 0 && (values[j] as number) < value) {
      values[j + 1] = values[j] as number;
      j -= 1;
    }
    values[j + 1] = value;
  }
}
