import type { LogRetention } from '@bellwether/cluster';
import { LIMITS } from '@bellwether/cluster';
import { foundingMembership } from '@bellwether/cluster/testing';
import type { NodeId, RaftConfig } from '@bellwether/raft';
import type { StorageLimits } from '@bellwether/storage';
import type { RandomSource } from './random.ts';

/** A node as a voting member. */
export function memberAt(id: NodeId): { id: NodeId; host: string; port: number } {
  return { id, host: `node${id}`, port: 1 };
}

/** What a seed decides about a cluster before it starts. */
export interface ClusterSettings {
  readonly nodeIds: readonly NodeId[];
  readonly tickMs: number;
  readonly storageLimits: Partial<StorageLimits>;
  readonly retention: LogRetention;
  /** Bursts of commands that each node's clients propose, on average, in ms. */
  readonly burstIntervalMs: number;
  readonly burstMax: number;
  readonly payloadBytesMax: number;
  readonly readIntervalMs: number;
  /** Programs that use the cluster, and how often each does something, on average. */
  readonly clients: number;
  /** Nodes that begin with the next build. */
  readonly updated: readonly NodeId[];
  readonly actIntervalMs: number;
  /** Whether reads may rest on leases. Those need clocks, so faults that break clocks are left out. */
  readonly leaseReads: boolean;
  /** Whether what lies on disks goes bad. Nobody can be made a member again then without harm. */
  readonly rotsDisks: boolean;
  /** Between two faults, on average. */
  readonly faultIntervalMs: number;
}

/** Small limits, so that their edges are met within seconds. */
export function drawSettings(random: RandomSource, nodeCount: number): ClusterSettings {
  const segmentBytes = random.pick([8192, 8192, 16_384, 65_536]);
  const nodeIds = Array.from({ length: nodeCount }, (_, at) => at + 1);
  const share = random.pick([0, 0, 0.3]);
  return {
    nodeIds,
    updated: nodeIds.filter(() => random.chance(share)),
    tickMs: LIMITS.tickMs,
    storageLimits: {
      segmentBytes,
      cacheBytesMax: random.pick([0, 1024, 65_536]),
      cacheEntriesMax: random.pick([1, 16, 1024]),
      writeBufferBytes: 512,
      readBytes: random.pick([64, 512, 8192]),
      snapshotsKept: random.pick([1, 1, 2]),
    },
    retention: {
      snapshotAfterBytes: random.pick([1500, 6000, 30_000]),
      entriesKept: random.pick([0, 0, 1, 10, 100]),
      segmentBytes,
    },
    burstIntervalMs: random.range(20, 120),
    burstMax: random.pick([1, 4, 12]),
    payloadBytesMax: random.pick([8, 24, 200, 800]),
    readIntervalMs: random.range(40, 200),
    faultIntervalMs: random.range(100, 600),
    leaseReads: random.chance(0.15),
    rotsDisks: nodeCount >= 3 && random.chance(0.2),
    clients: random.between(3, 6),
    actIntervalMs: random.range(15, 80),
  };
}

/** One node's part; timing is the same on all. */
export function drawConfig(
  random: RandomSource,
  settings: ClusterSettings,
): (id: NodeId) => RaftConfig {
  const heartbeatTicks = random.between(2, 5);
  const electionTicksMin = random.between(2 * heartbeatTicks + 1, 25);
  const appendBytesMax = random.pick([100, 1000, LIMITS.appendBytesMax]);
  const shared = {
    initialMembership: foundingMembership(settings.nodeIds.map(memberAt), 'founds'),
    electionTicksMin,
    electionTicksSpread: electionTicksMin,
    heartbeatTicks,
    appendBytesMax,
    inflightMessagesMax: random.pick([1, 4, LIMITS.inflightMessagesMax]),
    inflightBytesMax: random.pick([appendBytesMax, LIMITS.inflightBytesMax]),
    uncommittedBytesMax: random.pick([500, LIMITS.uncommittedBytesMax]),
    committedBytesMax: random.pick([200, LIMITS.committedBytesMax]),
    leaseReads: settings.leaseReads,
    priorities: new Map<NodeId, number>(),
  };
  return (id) => ({ ...shared, id });
}
