import { NO_NODE, type NodeId } from '@bellwether/raft';
import { ClusterError } from '../errors.ts';
import type { Consensus, Leadership } from '../service.ts';
import { onceAborted } from './abort-listeners.ts';
import { forgotten, type Forget, type Waiter } from './waiter.ts';

interface Transfer {
  readonly consensus: Pick<Consensus, 'nodeId' | 'status' | 'transferLeadership'>;
  readonly leadership: () => Leadership;
  /** Calls back at every change of leadership, until the returned function is called. */
  readonly onLeadership: (callback: () => void) => Forget;
  /** Aborts when this node stops, with the error that says why: it hears of no leader any more. */
  readonly stopped: AbortSignal;
}

/** Has the leader, which this node has to be, hand over to `target`; resolves when that one leads. */
export function transferTo(target: NodeId, transfer: Transfer, waiter: Waiter<void>): Forget {
  const { consensus, leadership, onLeadership, stopped } = transfer;
  const refusal = refusalOf(target, transfer);
  if (refusal !== undefined || leadership().leaderId === target) {
    if (refusal === undefined) waiter.resolve();
    else waiter.reject(refusal);
    return forgotten;
  }
  const stopHearing = onLeadership(() => {
    const { leaderId } = leadership();
    if (leaderId === NO_NODE || leaderId === consensus.nodeId) return;
    forget();
    if (leaderId === target) return waiter.resolve();
    const message = `node ${leaderId} was elected instead of node ${target}`;
    waiter.reject(new ClusterError('TRANSFER_FAILED', message));
  });
  const stopListening = onceAborted(stopped, () => {
    forget();
    const cause = stopped.reason as ClusterError;
    waiter.reject(new ClusterError(cause.code, cause.message, { indeterminate: true, cause }));
  });
  const forget = (): void => {
    stopHearing();
    stopListening();
  };
  consensus.transferLeadership(target);
  return forget;
}

function refusalOf(target: NodeId, transfer: Transfer): ClusterError | undefined {
  const { consensus, leadership, stopped } = transfer;
  if (stopped.aborted) return stopped.reason as ClusterError;
  const { role, leaderId } = leadership();
  if (leaderId === target) return undefined;
  if (role !== 'leader') {
    const who = leaderId === NO_NODE ? 'nobody leads' : `node ${leaderId} leads: ask it`;
    return new ClusterError('NOT_LEADER', `leadership is not node ${consensus.nodeId}'s: ${who}`);
  }
  const { voters } = consensus.status.raft.membership;
  if (voters.includes(target)) return undefined;
  const message = `node ${target} is none of the voters ${voters.join(', ')}`;
  return new ClusterError('TRANSFER_FAILED', message);
}
