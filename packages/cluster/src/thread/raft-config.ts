import type { RaftConfig } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';
import { foundingMembership } from '../membership/founding.ts';
import type { ConsensusOptions } from './messages.ts';

/** How the core of a node is set up. */
export function raftConfig(
  options: Pick<ConsensusOptions, 'id' | 'members' | 'start' | 'timing' | 'leaseReads'>,
): RaftConfig {
  const { timing, members } = options;
  return {
    id: options.id,
    initialMembership: foundingMembership(members, options.start),
    heartbeatTicks: timing.heartbeatTicks,
    electionTicksMin: timing.electionTicksMin,
    electionTicksSpread: timing.electionTicksSpread,
    appendBytesMax: LIMITS.appendBytesMax,
    inflightMessagesMax: LIMITS.inflightMessagesMax,
    inflightBytesMax: LIMITS.inflightBytesMax,
    uncommittedBytesMax: LIMITS.uncommittedBytesMax,
    committedBytesMax: LIMITS.committedBytesMax,
    leaseReads: options.leaseReads === true,
    priorities: new Map(members.map(({ id, priority }) => [id, priority ?? 1])),
  };
}
