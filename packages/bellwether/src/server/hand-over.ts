import { isFit } from '@bellwether/cluster';
import type { Consensus, Leadership, NodeStatus } from '@bellwether/cluster';
import { NO_NODE, type NodeId, type ProgressStatus, type RaftStatus } from '@bellwether/raft';

/** What came of a leader's wish to leave. */
export type HandOver =
  'not leading' | 'nobody to lead' | 'not a voter that keeps up' | 'handed over' | 'took too long';

/** How often it is looked whether another leads. */
const POLL_MS = 2;

/**
 * Has another node lead, for instance before this one stops, so that nobody has to notice its absence
 * first (Raft dissertation, section 3.10). It is over when the other one serves: until
 * then this one still counts among those that make its first entry durable, and has nothing better to do.
 *
 * @param leadership as this node sees it when it is called
 * @param timeoutMs after which it is given up
 * @param wanted the node that is to lead; the voter with the most of the log when absent
 */
export async function handOver(
  consensus: Pick<Consensus, 'nodeId' | 'status' | 'transferLeadership'>,
  leadership: () => Leadership,
  timeoutMs: number,
  wanted?: NodeId,
): Promise<HandOver> {
  if (leadership().role !== 'leader') return 'not leading';
  const until = performance.now() + timeoutMs;
  let target: NodeId | undefined;
  while (performance.now() < until) {
    const { role, leaderId, isServing } = leadership();
    if (role !== 'leader' && leaderId !== NO_NODE && isServing) return 'handed over';
    const { status } = consensus;
    // Who was just elected knows that before it is told how the others are.
    if (role === 'leader' && status.raft.role === 'leader') {
      const isRefused = wanted !== undefined && !fitVoters(status).some(isNode(wanted));
      if (isRefused && target === undefined) return 'not a voter that keeps up';
      const best = wanted ?? mostUpToDate(status);
      if (best === undefined) return 'nobody to lead';
      // Asked again when somebody else is the best by now: the first may be gone.
      if (best !== target) consensus.transferLeadership(best);
      target = best;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return 'took too long';
}

/** Of the voters that can lead; undefined when too few are alive for any leader. */
function mostUpToDate(status: NodeStatus): NodeId | undefined {
  const { raft } = status;
  if (liveVoters(raft).length + 1 <= raft.membership.voters.length / 2) return undefined;
  const [first, ...others] = fitVoters(status);
  if (first === undefined) return undefined;
  return others.reduce((best, other) => (other.match > best.match ? other : best), first).nodeId;
}

/** One that is not well, as after a freeze, does not take over. */
function fitVoters({ raft, peers }: NodeStatus): readonly ProgressStatus[] {
  return liveVoters(raft).filter(({ nodeId }) => {
    const received = peers.find((peer) => peer.nodeId === nodeId)?.vitals;
    return received === undefined || isFit(received.vitals, received.ageMs);
  });
}

function liveVoters({ id, membership, progress }: RaftStatus): readonly ProgressStatus[] {
  return progress.filter(
    ({ nodeId, recentlyActive }) =>
      nodeId !== id && recentlyActive && membership.voters.includes(nodeId),
  );
}

const isNode =
  (id: NodeId) =>
  ({ nodeId }: ProgressStatus): boolean =>
    nodeId === id;
