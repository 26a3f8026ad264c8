import type { Consensus, Leadership } from '@bellwether/cluster';
import { NO_NODE, type NodeId, type RaftStatus } from '@bellwether/raft';

/** What came of a leader's wish to leave. */
export type HandOver = 'not leading' | 'nobody to lead' | 'handed over' | 'took too long';

/** How often it is looked whether another leads. */
const POLL_MS = 2;

/**
 * Has another node lead before this one stops, so that nobody has to notice its absence first: the
 * follower with the most of the log is told to campaign (Raft dissertation, section 3.10).
 *
 * @param leadership as this node sees it when it is called
 * @param timeoutMs after which it is given up
 */
export async function handOver(
  consensus: Pick<Consensus, 'nodeId' | 'status' | 'transferLeadership'>,
  leadership: () => Leadership,
  timeoutMs: number,
): Promise<HandOver> {
  if (leadership().role !== 'leader') return 'not leading';
  const until = performance.now() + timeoutMs;
  let target: NodeId | undefined;
  while (performance.now() < until) {
    const { role, leaderId } = leadership();
    if (role !== 'leader' && leaderId !== NO_NODE && leaderId !== consensus.nodeId) {
      return 'handed over';
    }
    const best = role === 'leader' ? mostUpToDate(consensus.status.raft) : target;
    if (best === undefined) return 'nobody to lead';
    // Asked again when somebody else is the best by now: the first may be gone.
    if (best !== target) consensus.transferLeadership(best);
    target = best;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return 'took too long';
}

/** Of the voters that are alive; undefined when there are too few of them for any leader. */
function mostUpToDate({ id, membership, progress }: RaftStatus): NodeId | undefined {
  const live = progress.filter(
    ({ nodeId, recentlyActive }) =>
      nodeId !== id && recentlyActive && membership.voters.includes(nodeId),
  );
  if (live.length + 1 <= membership.voters.length / 2) return undefined;
  const [first, ...others] = live;
  if (first === undefined) return undefined;
  return others.reduce((best, other) => (other.match > best.match ? other : best), first).nodeId;
}
