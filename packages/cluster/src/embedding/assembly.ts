import { randomInt } from 'node:crypto';
import { completeLimits, completeTiming, type ClusterOptions } from '../options.ts';
import type { ClusterError } from '../errors.ts';
import type { Leadership } from '../service.ts';
import { StateMachineService } from '../state-machine-service.ts';
import { ConsensusClient } from '../thread/consensus-client.ts';
import type { ConsensusOptions } from '../thread/messages.ts';
import { LeaderTermKeeper } from './leader-term.ts';
import { EMBEDDING_LIMITS } from './limits.ts';
import { MemberChanges } from './member-changes.ts';
import { ReplicaComparison } from './replica-comparison.ts';

/** What an embedded node is made of. */
export interface ClusterParts<Command, Result, Query, Answer> {
  readonly service: StateMachineService<Command, Result, Query, Answer>;
  readonly consensus: ConsensusClient;
  readonly terms: LeaderTermKeeper;
  readonly members: MemberChanges;
  readonly comparison: ReplicaComparison | undefined;
}

interface Hooks {
  readonly onLeadership: (leadership: Leadership) => void;
  readonly onFatal: (error: ClusterError) => void;
}

/** A number that no earlier run of the node is likely to have had. */
export const newIncarnation = (): number => randomInt(1, 2 ** 32 - 1);

/** Puts an embedded node together, and starts its consensus thread. */
export function assemble<Command, Result, Query, Answer>(
  options: ClusterOptions<Command, Result, Query, Answer>,
  { onLeadership, onFatal }: Hooks,
): ClusterParts<Command, Result, Query, Answer> {
  const comparison = comparisonFor(options, () => consensus.status.raft.membership.voters);
  const service = new StateMachineService({
    stateMachine: options.stateMachine,
    limits: completeLimits(options.limits),
    leaseReads: options.leaseReads === true,
    ...{ comparison, onLeadership, onFatal },
  });
  const onEvent = options.onEvent ?? (() => undefined);
  const consensus = new ConsensusClient(consensusOptions(options), service, onEvent);
  service.attach(consensus);
  const { silenceMsMin, heartbeatTicks, tickMs } = completeTiming(options.timing);
  const terms = new LeaderTermKeeper({
    nowMs: () => performance.now(),
    patienceMs: silenceMsMin,
    intervalMs: heartbeatTicks * tickMs,
    confirm: (waiter) => service.confirmLeader('quorum', waiter),
  });
  const members = new MemberChanges({
    consensus,
    wish: (change, waiter) => service.changeMembers(change, waiter),
  });
  return { service, consensus, terms, members, comparison };
}

function consensusOptions<Command, Result, Query, Answer>(
  options: ClusterOptions<Command, Result, Query, Answer>,
): ConsensusOptions {
  const { id, peers, dataDir, leaseReads, retention, removeDeadAfterMs } = options;
  return {
    ...{ id, leaseReads, retention, removeDeadAfterMs },
    clusterId: options.clusterId ?? 'bellwether',
    members: peers,
    start: options.start ?? 'founds',
    // Without a port it has no peers, and never will have.
    listenOn: peers.find((peer) => peer.id === id && peer.port > 0),
    dataDirectory: dataDir,
    incarnation: newIncarnation(),
    timing: completeTiming(options.timing),
  };
}

function comparisonFor(
  options: Pick<ClusterOptions, 'id' | 'compareReplicas'>,
  voters: () => readonly number[],
): ReplicaComparison | undefined {
  const isProduction = process.env['NODE_ENV'] === 'production';
  const what = options.compareReplicas ?? (isProduction ? 'off' : 'results');
  if (what === 'off') return undefined;
  const stateEvery = EMBEDDING_LIMITS.stateComparedEvery;
  return new ReplicaComparison({ nodeId: options.id, what, stateEvery, voters });
}
