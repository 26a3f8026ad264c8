import type { NodeId } from '@bellwether/raft';
import { ClusterError } from '../errors.ts';
import type { Consensus } from '../service.ts';
import { EMBEDDING_LIMITS } from './limits.ts';
import type { Divergence, ReplicaComparison } from './replica-comparison.ts';

interface GuardOptions {
  readonly comparison: ReplicaComparison;
  readonly consensus: Pick<Consensus, 'nodeId' | 'sendToPeers'>;
  readonly onDivergence: (divergence: Divergence, message: string) => void;
  /** This node is the one that is wrong. */
  readonly onOutvoted: (error: ClusterError) => void;
}

/**
 * Tells the others what this node's state machine came to, again and again, and acts on what it hears.
 *
 * @returns ends it
 */
export function guardReplicas(options: GuardOptions): () => void {
  const { comparison, consensus, onDivergence, onOutvoted } = options;
  const timer = setInterval(() => {
    const report = comparison.report();
    if (report !== undefined) consensus.sendToPeers(report);
    const divergence = comparison.judge();
    if (divergence === undefined) return;
    const message = describe(consensus.nodeId, divergence);
    onDivergence(divergence, message);
    if (divergence.verdict === 'outvoted') onOutvoted(new ClusterError('DIVERGED', message));
  }, EMBEDDING_LIMITS.comparisonMs);
  timer.unref();
  return () => clearInterval(timer);
}

function describe(nodeId: NodeId, { index, kind, differing, verdict }: Divergence): string {
  const others = `node${differing.length === 1 ? '' : 's'} ${differing.join(', ')}`;
  const what =
    kind === 'result'
      ? `the command at index ${index} had another result on node ${nodeId} than on ${others}`
      : `the state behind index ${index} is another on node ${nodeId} than on ${others}`;
  return (
    `${what}: the state machine is not deterministic (a clock, chance, something local, or what ` +
    `snapshot() left out), or the nodes run different versions of it. ${CONSEQUENCES[verdict]}`
  );
}

const CONSEQUENCES: Readonly<Record<Divergence['verdict'], string>> = {
  outvoted:
    'A majority agrees on another one, so this node has stopped. Move its data directory away when the ' +
    'state machine is repaired: its state is then built from the others',
  outvotes: 'A majority agrees with this node: the other will stop',
  undecided: 'Nobody has a majority, so all go on, with states that differ',
};
