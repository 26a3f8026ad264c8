import type { FailoverTimeline } from '../failover/failover-timeline.ts';
import type { PendingCommands } from '../forwarding/pending-commands.ts';
import type { AdmissionQueue } from './admission-queue.ts';
import type { Delivery } from './delivery.ts';
import type { LeadershipEvents } from './leadership-watch.ts';
import type { PendingReads } from './pending-reads.ts';
import type { ServicePort } from './service-port.ts';

/** Who is told when the leadership changes, in this order. */
export function tellOfLeadership(parts: {
  readonly admission: AdmissionQueue;
  readonly delivery: Delivery;
  readonly commands: PendingCommands;
  readonly reads: PendingReads;
  readonly timeline: FailoverTimeline;
  readonly service: ServicePort;
}): LeadershipEvents {
  const { admission, delivery, commands, reads, timeline, service } = parts;
  return {
    onElected: (term) => admission.onElected(term, delivery.deliveredIndex),
    onDeposed: () => admission.onDeposed(),
    onLeaderChanged: (leaderId, term) => {
      commands.onLeader(leaderId, term);
      reads.onLeaderChanged();
    },
    onLeadership: (leadership) => {
      timeline.onLeadership(leadership);
      service.onLeadership(leadership);
    },
  };
}
