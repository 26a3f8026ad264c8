import { NO_NODE, type RaftNode } from '@bellwether/raft';
import type { FailoverTimeline } from '../failover/failover-timeline.ts';
import type { PendingCommands } from '../forwarding/pending-commands.ts';
import type { AdmissionQueue } from './admission-queue.ts';
import type { Delivery } from './delivery.ts';
import type { Restorer } from './restorer.ts';
import { LeadershipWatch } from './leadership-watch.ts';
import type { PendingReads } from './pending-reads.ts';
import type { ServicePort } from './service-port.ts';

/** A watch of the core's leadership; all of these are told when it changes. */
export function watchLeadership(parts: {
  readonly core: RaftNode;
  readonly restorer: Restorer;
  readonly admission: AdmissionQueue;
  readonly delivery: Delivery;
  readonly commands: PendingCommands;
  readonly reads: PendingReads;
  readonly timeline: FailoverTimeline;
  readonly service: ServicePort;
}): LeadershipWatch {
  const { core, restorer, admission, delivery, commands, reads, timeline, service } = parts;
  const isServing = (): boolean => commands.isOpen && !restorer.isRestoring;
  return new LeadershipWatch(core, isServing, {
    onElected: (term) => {
      admission.onElected(term, restorer.isRestoring ? undefined : delivery.deliveredIndex);
    },
    onDeposed: () => admission.onDeposed(),
    onLeaderChanged: (leaderId, term) => {
      // Who was appointed leads once it knows. What comes a moment too early comes again.
      commands.onLeader(leaderId === NO_NODE ? core.awaitedLeaderId : leaderId, term);
      reads.onLeaderChanged();
    },
    onSeen: (leadership) => timeline.onLeadership(leadership),
    onTold: (leadership) => service.onLeadership(leadership),
  });
}
