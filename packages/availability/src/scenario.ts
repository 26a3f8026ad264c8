import { DAY_MS, HOUR_MS, MINUTE_MS, YEAR_MS } from './time.ts';

/** When a follower gives its leader up, and what a campaign waits for. */
export interface Timing {
  /** How often silence is judged, ms. */
  readonly tickMs: number;
  /** Between two heartbeats of the leader, ms. */
  readonly heartbeatMs: number;
  /** However regular the heartbeats are, a shorter silence means nothing, ms. */
  readonly silenceMsMin: number;
  /** However irregular they are, a longer silence is too long, ms. Equal to silenceMsMin: a fixed time-out. */
  readonly silenceMsMax: number;
  /** Heartbeats whose lack is allowed for, and how many times the jitter besides. */
  readonly beatsMissed: number;
  readonly jitterFactor: number;
  /** Of those who suspect the leader each campaigns so much later than the one before it in their order, ms. */
  readonly campaignStepMs: number;
  /** Mean wait before a campaign that elected nobody is begun anew, ms. */
  readonly retryMs: number;
}

/** What the machines and the network between them do. */
export interface Machine {
  /** Network round trip between two nodes, ms. */
  readonly rttMs: number;
  /** Mean time of a flush to disk, ms. */
  readonly flushMs: number;
  /** From the arrival of a message to the program's acting upon it, ms: wake-up, decoding, threads. */
  readonly hopMs: number;
  /** From the death of a process until its kernel has closed its connections, ms. */
  readonly closeMs: number;
  /** How late heartbeats come at worst, ms. */
  readonly jitterMs: number;
  /** Log that a new leader's followers may lack, bytes. */
  readonly lagBytes: number;
  /** Bytes per second at which they receive it. */
  readonly bytesPerSecond: number;
}

/** How often single nodes fail, and how long until they are back. ms. */
export interface Failures {
  readonly mtbfMs: number;
  readonly mttrMs: number;
  /** Part of the failures in which connections stay open: frozen, unplugged, cut off. From 0 to 1. */
  readonly silentShare: number;
  /** How many nodes can be repaired at once; Infinity: all. */
  readonly crews: number;
}

/** Places that fail as a whole: racks, rooms, availability zones. */
export interface Zones {
  /** Voters are spread over so many, as evenly as possible. */
  readonly count: number;
  /** Mean time between failures of one zone, ms; Infinity: never. */
  readonly mtbfMs: number;
  readonly mttrMs: number;
}

/** Every node is stopped by its operators now and then: one at a time, and only while nothing else is down. */
export interface Maintenance {
  /** Mean time between two stops of the same node, ms; Infinity: never. */
  readonly everyMs: number;
  readonly lastsMs: number;
}

/** Disks that fail for good. */
export interface Disks {
  /** Mean time until one node's disk and all on it is lost, ms. */
  readonly mtbfMs: number;
  /** Until a new disk has everything again, ms. */
  readonly rebuildMs: number;
}

/** The leader stands still for a moment: its virtual machine is moved, its host is starved. */
export interface Stalls {
  /** Mean time between two, ms; Infinity: never. */
  readonly everyMs: number;
  /** Mean of their exponential lengths, ms. */
  readonly lastsMs: number;
}

/** Members beyond the plain voters. */
export interface Members {
  readonly voters: number;
  /** Voters that may lead; those with priority 0 may not. */
  readonly electable: number;
  /** Learners that stand in for a dead voter. */
  readonly spares: number;
  /** Until a learner is a voter in a dead one's place, ms. */
  readonly replaceMs: number;
}

/** Everything that a prediction is made from. */
export interface Scenario {
  readonly members: Members;
  readonly failures: Failures;
  readonly zones: Zones;
  readonly maintenance: Maintenance;
  readonly disks: Disks;
  readonly stalls: Stalls;
  readonly timing: Timing;
  readonly machine: Machine;
}

/** A small cluster in one data centre; what is not known about another one is taken from here. */
export const SCENARIO_DEFAULT: Scenario = {
  members: { voters: 3, electable: 3, spares: 0, replaceMs: MINUTE_MS },
  failures: { mtbfMs: 30 * DAY_MS, mttrMs: 10 * MINUTE_MS, silentShare: 0.1, crews: Infinity },
  zones: { count: 1, mtbfMs: Infinity, mttrMs: HOUR_MS },
  maintenance: { everyMs: Infinity, lastsMs: 5 * MINUTE_MS },
  disks: { mtbfMs: 50 * YEAR_MS, rebuildMs: HOUR_MS },
  stalls: { everyMs: Infinity, lastsMs: 50 },
  timing: {
    tickMs: 10,
    heartbeatMs: 50,
    silenceMsMin: 200,
    silenceMsMax: 800,
    beatsMissed: 3,
    jitterFactor: 1.5,
    campaignStepMs: 5,
    retryMs: 180,
  },
  machine: {
    rttMs: 0.5,
    flushMs: 1,
    hopMs: 0.1,
    closeMs: 5,
    jitterMs: 20,
    lagBytes: 0,
    bytesPerSecond: 100e6,
  },
};

/**
 * The silence after which a leader is suspected, ms: some missed heartbeats and some times the worst jitter
 * lately, within its bounds.
 */
export function silenceBoundMs(timing: Timing, { jitterMs }: Machine): number {
  const { silenceMsMin, silenceMsMax, beatsMissed, jitterFactor, heartbeatMs } = timing;
  const wantedMs = beatsMissed * heartbeatMs + jitterFactor * jitterMs;
  return Math.min(silenceMsMax, Math.max(silenceMsMin, wantedMs));
}

/** A majority. */
export function quorumOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** How many voters may be down. */
export function failureTolerance(voters: number): number {
  return voters - quorumOf(voters);
}

/** The same cluster with another number of voters, all of which may lead as before. */
export function withVoters(scenario: Scenario, voters: number): Scenario {
  const { members } = scenario;
  const held = members.voters - members.electable;
  const electable = Math.max(1, voters - held);
  return { ...scenario, members: { ...members, voters, electable } };
}
