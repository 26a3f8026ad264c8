import { failureTolerance, type Scenario } from './scenario.ts';

/** Something that cannot be, and what to do instead. */
export interface Mistake {
  /** Where in the scenario: "timing.timeoutMs". */
  readonly field: string;
  readonly code:
    'not-positive' | 'negative' | 'out-of-range' | 'not-whole' | 'even' | 'contradiction';
  readonly what: string;
  readonly advice: string;
}

/** Voters of the largest cluster that is predicted. */
export const VOTERS_MAX = 15;
/** Zones that they may be spread over. */
export const ZONES_MAX = 5;
/** Machines that may stand by. */
export const SPARES_MAX = 5;

/** Every mistake in the scenario at once; none when it can be predicted. */
export function mistakesIn(scenario: Scenario): readonly Mistake[] {
  return [
    ...positiveTimes(scenario),
    ...counts(scenario),
    ...voterMistakes(scenario),
    ...timingMistakes(scenario),
  ];
}

function positiveTimes(scenario: Scenario): Mistake[] {
  const { failures, zones, maintenance, disks, stalls, timing, machine, members } = scenario;
  const mustBePositive: Record<string, number> = {
    'failures.mtbfMs': failures.mtbfMs,
    'failures.mttrMs': failures.mttrMs,
    'zones.mtbfMs': zones.mtbfMs,
    'zones.mttrMs': zones.mttrMs,
    'maintenance.everyMs': maintenance.everyMs,
    'maintenance.lastsMs': maintenance.lastsMs,
    'disks.mtbfMs': disks.mtbfMs,
    'disks.rebuildMs': disks.rebuildMs,
    'stalls.everyMs': stalls.everyMs,
    'stalls.lastsMs': stalls.lastsMs,
    'members.replaceMs': members.replaceMs,
    'timing.tickMs': timing.tickMs,
    'timing.heartbeatMs': timing.heartbeatMs,
    'timing.silenceMsMin': timing.silenceMsMin,
    'timing.silenceMsMax': timing.silenceMsMax,
    'machine.bytesPerSecond': machine.bytesPerSecond,
  };
  const mustNotBeNegative: Record<string, number> = {
    'timing.beatsMissed': timing.beatsMissed,
    'timing.jitterFactor': timing.jitterFactor,
    'timing.campaignStepMs': timing.campaignStepMs,
    'timing.retryMs': timing.retryMs,
    'machine.rttMs': machine.rttMs,
    'machine.flushMs': machine.flushMs,
    'machine.hopMs': machine.hopMs,
    'machine.closeMs': machine.closeMs,
    'machine.jitterMs': machine.jitterMs,
    'machine.lagBytes': machine.lagBytes,
  };
  const mayBeInfinite = /^(zones|maintenance|stalls|disks)\.|^failures\.mtbfMs/;
  return [
    ...Object.entries(mustBePositive).flatMap(([field, value]): Mistake[] => {
      if (value > 0 && (value < Infinity || mayBeInfinite.test(field))) return [];
      return [{ field, code: 'not-positive', what: `is ${value}`, advice: 'it must be above 0' }];
    }),
    ...Object.entries(mustNotBeNegative).flatMap(([field, value]): Mistake[] => {
      if (value >= 0 && value < Infinity) return [];
      return [{ field, code: 'negative', what: `is ${value}`, advice: 'it must be 0 or more' }];
    }),
  ];
}

function counts({ members, failures, zones }: Scenario): Mistake[] {
  const isCount = Number.isInteger(members.voters) && members.voters >= 1;
  const ranges = [
    ['members.voters', members.voters, 1, VOTERS_MAX],
    ['members.electable', members.electable, 1, isCount ? members.voters : Infinity],
    ['members.spares', members.spares, 0, SPARES_MAX],
    ['zones.count', zones.count, 1, ZONES_MAX],
  ] as const;
  const mistakes = ranges.flatMap(([field, value, min, max]): Mistake[] => {
    if (!Number.isInteger(value)) {
      if (field === 'members.electable' && !isCount) return [];
      return [
        { field, code: 'not-whole', what: `is ${value}`, advice: 'it must be a whole number' },
      ];
    }
    if (value >= min && value <= max) return [];
    const advice = `it must be from ${min} to ${max}`;
    return [{ field, code: 'out-of-range', what: `is ${value}`, advice }];
  });
  const { crews, silentShare } = failures;
  if (!(crews === Infinity || (Number.isInteger(crews) && crews >= 1))) {
    const advice = 'it must be a whole number of 1 or more: nothing is ever repaired otherwise';
    mistakes.push({ field: 'failures.crews', code: 'out-of-range', what: `is ${crews}`, advice });
  }
  if (!(silentShare >= 0 && silentShare <= 1)) {
    const advice = 'a part of all failures is from 0 % to 100 %';
    const what = `is ${silentShare * 100} %`;
    mistakes.push({ field: 'failures.silentShare', code: 'out-of-range', what, advice });
  }
  return mistakes;
}

function voterMistakes({ members, zones }: Scenario): Mistake[] {
  const { voters } = members;
  if (!Number.isInteger(voters) || voters < 1 || voters > VOTERS_MAX) return [];
  const mistakes: Mistake[] = [];
  if (voters % 2 === 0) {
    const tolerated = failureTolerance(voters);
    const fewer =
      tolerated === 0 ? 'none, like 1 alone' : `${tolerated}, no more than ${voters - 1}`;
    mistakes.push({
      field: 'members.voters',
      code: 'even',
      what: `is ${voters}`,
      advice: `an even number tolerates the failure of ${fewer}, and fails more often: use ${voters - 1} or ${voters + 1}`,
    });
  }
  if (zones.count > voters && Number.isInteger(zones.count)) {
    const advice = `${voters} nodes can be in at most ${voters} zones`;
    mistakes.push({
      field: 'zones.count',
      code: 'contradiction',
      what: `is ${zones.count}`,
      advice,
    });
  }
  return mistakes;
}

function timingMistakes({ timing }: Scenario): Mistake[] {
  const { tickMs, heartbeatMs, silenceMsMin, silenceMsMax } = timing;
  const mistakes: Mistake[] = [];
  const add = (field: string, what: string, advice: string): void => {
    mistakes.push({ field, code: 'contradiction', what, advice });
  };
  if (silenceMsMin <= heartbeatMs && silenceMsMin > 0) {
    const what = `is ${silenceMsMin} ms, not above the heartbeat interval of ${heartbeatMs} ms`;
    const least = 2 * heartbeatMs;
    const advice = `a follower would give up a healthy leader between two heartbeats: at least ${least} ms`;
    add('timing.silenceMsMin', what, advice);
  }
  if (silenceMsMax < silenceMsMin) {
    const what = `is ${silenceMsMax} ms, below the shortest silence (${silenceMsMin} ms)`;
    add('timing.silenceMsMax', what, 'exchange them');
  }
  if (tickMs > heartbeatMs && heartbeatMs > 0) {
    const what = `is ${tickMs} ms, longer than the heartbeat interval of ${heartbeatMs} ms`;
    add('timing.tickMs', what, 'heartbeats are sent on ticks: make ticks shorter');
  }
  return mistakes;
}
