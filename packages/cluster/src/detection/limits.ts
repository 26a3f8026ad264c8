import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';

/** When a silent leader is suspected. What was measured to choose them stands in docs/ARCHITECTURE.md. */
export const DETECTOR_LIMITS = {
  /** The bounds of the bound; settings may change them. */
  silenceMsMin: 200,
  silenceMsMax: 800,
  /** Never fewer beats than this, when beats are set to be rare. */
  beatsSilentMin: 4,
  /** Silence allowed for besides jitter, in times between two beats. */
  beatsMissed: 3,
  /** How many times the worst jitter lately is allowed for besides. */
  jitterFactor: 1.5,
  jitterHalfLifeMs: 30_000,
  /** Assumed of whoever was not observed yet. */
  jitterMsFirst: 40,
  /** How fast it is forgotten that own ticks came late. */
  lateHalfLifeMs: 10_000,
  /** Own lateness that is allowed for at most. */
  lateMsMax: 100,
  /** Later than this is not a busy machine but a frozen process, which says nothing about the others. */
  frozenMs: 250,
  /** Over which the mean lateness of own ticks is taken. */
  lateMeanMs: 5_000,
  /** No single late tick counts for more in it: a freeze that is over is no overload. */
  lateCountedMs: 1_000,
  /** Of the time between two ticks, so many ticks count as time in which this node listened. */
  ticksCountedMax: 3,
  /** Part of the bound from which on a node does not contradict a peer who misses the leader. */
  doubtShare: 0.6,
  /** Ticks between vitals to a peer with whom no heartbeats are exchanged. */
  vitalsTicks: 20,
} as const;

/** What of the detector is a setting. In ms. */
export interface DetectionTiming {
  readonly tickMs: number;
  /** Of the silence after which a leader is suspected: never a shorter one, never a longer one. */
  readonly silenceMsMin: number;
  readonly silenceMsMax: number;
}

/** The bounds for beats that are so far apart: the usual ones, or wider. */
export function silenceBoundsFor(beatMs: number): Omit<DetectionTiming, 'tickMs'> {
  const { silenceMsMin, silenceMsMax, beatsSilentMin } = DETECTOR_LIMITS;
  const shortestMs = Math.max(silenceMsMin, beatsSilentMin * beatMs);
  const widening = shortestMs / silenceMsMin;
  return { silenceMsMin: shortestMs, silenceMsMax: silenceMsMax * widening };
}

/** When a node that beats is of no use as a leader. */
export const STALL_LIMITS = {
  /** A write to disk that takes so long. */
  diskStallMs: 350,
  /** An answer that the service thread owes for so long. */
  serviceStallMs: 350,
  /** Mean lateness of the consensus thread's ticks. */
  overloadMs: 500,
  /** Part of these bounds below which a node is fit to take over from a stalled one. */
  fitShare: 0.5,
  /** Vitals older than this say nothing. */
  vitalsMsMax: 250,
  /** A new leader is given so long before it may count as stalled. */
  graceMs: 3_000,
  /** After this a hand-over that came to nothing is tried again, with whoever is best then. */
  handOverRetryMs: 1_500,
  /** Times the bounds after which followers replace a leader that did not hand over. */
  replacePatience: 2,
  /** Times the bounds from which on a follower does not contradict a peer who wants that. */
  doubtPatience: 1.5,
  /** Without a leader for so long, a stuck node campaigns too: its log may be the only one that can win. */
  heldBackMsMax: 500,
  /** Ticks between two questions to the service thread. */
  probeTicks: 10,
} as const;

const { silenceMsMin, silenceMsMax, beatsSilentMin, beatsMissed } = DETECTOR_LIMITS;
const { doubtShare, ticksCountedMax } = DETECTOR_LIMITS;
const beatMs = LIMITS.heartbeatTicks * LIMITS.tickMs;
assert(silenceMsMin >= beatsSilentMin * beatMs, 'the shortest bound spans beats');
assert(beatsSilentMin > beatsMissed, 'the shortest bound leaves room for jitter');
assert(silenceMsMin * doubtShare > 2 * beatMs, 'a single late beat is no reason to doubt');
assert(silenceMsMin <= silenceMsMax, 'the bounds of the bound are in order');
assert(
  silenceMsMax < LIMITS.electionTicksMin * LIMITS.tickMs,
  'the election time-out is behind the detector',
);
assert(ticksCountedMax * LIMITS.tickMs < silenceMsMin / 2, 'one late tick is no silence');

const { diskStallMs, serviceStallMs, fitShare, vitalsMsMax } = STALL_LIMITS;
const stallMsMin = Math.min(diskStallMs, serviceStallMs);
// Vitals that are older than the rest of the bound could be from before a stall that all share.
assert(vitalsMsMax < stallMsMin, 'vitals are fresher than a stall is long');
assert(stallMsMin * fitShare > 2 * beatMs, 'who is fit may have been asked a beat ago');
assert(STALL_LIMITS.doubtPatience < STALL_LIMITS.replacePatience, 'doubt comes before suspicion');
