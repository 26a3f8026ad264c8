import { type Chain, exploreChain, type Transition } from './chain.ts';
import { quorumOf, type Scenario } from './scenario.ts';

/** Voters of one zone. */
export interface ZoneState {
  /** Voters that belong here, and how many of them may lead. */
  readonly size: number;
  readonly electable: number;
  /** Failed and not yet repaired: among those that may lead, and among the others. */
  readonly failedElectable: number;
  readonly failedOthers: number;
  /** Stopped by the operators; at most one in the whole cluster. */
  readonly inMaintenance: 'nobody' | 'electable' | 'other';
  readonly isDown: boolean;
}

export interface ClusterState {
  readonly zones: readonly ZoneState[];
  /** Learners that could stand in, and those that are being repaired. */
  readonly sparesUp: number;
  readonly sparesFailed: number;
}

export type ChangeCause = 'node' | 'zone' | 'maintenance' | 'mend';

export interface Change extends Transition<ClusterState> {
  readonly cause: ChangeCause;
  /** P(the leader is among those that go with this change), each that may lead being it alike. */
  readonly leaderShare: number;
}

export interface UpCounts {
  readonly voters: number;
  readonly electable: number;
}

/** Nodes that take part: up, and in a zone that is up. */
export function upCounts(state: ClusterState): UpCounts {
  let voters = 0;
  let electable = 0;
  for (const zone of state.zones) {
    if (zone.isDown) continue;
    voters += upElectable(zone) + upOthers(zone);
    electable += upElectable(zone);
  }
  return { voters, electable };
}

/** A leader can be had: a majority takes part, and one of it may lead. */
export function hasQuorum(scenario: Scenario, state: ClusterState): boolean {
  const { voters, electable } = upCounts(state);
  return voters >= quorumOf(scenario.members.voters) && electable >= 1;
}

/** All that can happen in a cluster, as a chain from the state in which all is well. */
export function clusterChain(scenario: Scenario): Chain<ClusterState> {
  const transitions = (state: ClusterState): readonly Change[] => changesOf(scenario, state);
  return exploreChain(initialState(scenario), transitions, keyOf);
}

/** Zones that look alike are exchangeable: their order says nothing, and most states fall together. */
function keyOf(state: ClusterState): string {
  const zones = state.zones.map((zone) => {
    const { size, electable, failedElectable, failedOthers, inMaintenance, isDown } = zone;
    return `${size},${electable},${failedElectable},${failedOthers},${inMaintenance},${isDown}`;
  });
  return `${zones.sort().join(';')}|${state.sparesUp},${state.sparesFailed}`;
}

function initialState({ members, zones }: Scenario): ClusterState {
  const sizes = spread(members.voters, zones.count);
  const electable = spread(members.electable, zones.count);
  return {
    zones: sizes.map((size, zone) => ({
      size,
      electable: electable[zone]!,
      failedElectable: 0,
      failedOthers: 0,
      inMaintenance: 'nobody',
      isDown: false,
    })),
    sparesUp: members.spares,
    sparesFailed: 0,
  };
}

/** As evenly as possible, the first ones getting more. */
function spread(count: number, over: number): readonly number[] {
  return Array.from({ length: over }, (_, i) => Math.floor((count + over - 1 - i) / over));
}

/** Everything that may happen next in a state. */
export function changesOf(scenario: Scenario, state: ClusterState): readonly Change[] {
  return [
    ...nodeFailures(scenario, state),
    ...nodeRepairs(scenario, state),
    ...zoneChanges(scenario, state),
    ...maintenanceChanges(scenario, state),
    ...replacements(scenario, state),
  ];
}

function nodeFailures({ failures }: Scenario, state: ClusterState): Change[] {
  const up = upCounts(state).electable;
  const rate = 1 / failures.mtbfMs;
  const changes: Change[] = [];
  for (const [at, zone] of state.zones.entries()) {
    const leading = upElectable(zone);
    const others = upOthers(zone);
    if (leading > 0) {
      const to = withZone(state, at, { failedElectable: zone.failedElectable + 1 });
      const leaderShare = zone.isDown || up === 0 ? 0 : 1 / up;
      changes.push({ to, ratePerMs: leading * rate, cause: 'node', leaderShare });
    }
    if (others > 0) {
      const to = withZone(state, at, { failedOthers: zone.failedOthers + 1 });
      changes.push({ to, ratePerMs: others * rate, cause: 'node', leaderShare: 0 });
    }
  }
  if (state.sparesUp > 0) {
    const { sparesUp, sparesFailed } = state;
    const to = { ...state, sparesUp: sparesUp - 1, sparesFailed: sparesFailed + 1 };
    changes.push({ to, ratePerMs: sparesUp * rate, cause: 'node', leaderShare: 0 });
  }
  return changes;
}

/** Crews, as many as there are, take the failed nodes in any order. */
function nodeRepairs({ failures }: Scenario, state: ClusterState): Change[] {
  const failed = state.zones.reduce((sum, zone) => sum + failedIn(zone), state.sparesFailed);
  if (failed === 0) return [];
  const rate = Math.min(failures.crews, failed) / failed / failures.mttrMs;
  const mend = (to: ClusterState, count: number): Change[] =>
    count === 0 ? [] : [{ to, ratePerMs: count * rate, cause: 'mend', leaderShare: 0 }];
  const { sparesUp, sparesFailed } = state;
  return [
    ...state.zones.flatMap(({ failedElectable, failedOthers }, at) => [
      ...mend(withZone(state, at, { failedElectable: failedElectable - 1 }), failedElectable),
      ...mend(withZone(state, at, { failedOthers: failedOthers - 1 }), failedOthers),
    ]),
    ...mend({ ...state, sparesUp: sparesUp + 1, sparesFailed: sparesFailed - 1 }, sparesFailed),
  ];
}

function zoneChanges({ zones }: Scenario, state: ClusterState): Change[] {
  if (zones.mtbfMs === Infinity) return [];
  const up = upCounts(state).electable;
  return state.zones.map((zone, at): Change => {
    const to = withZone(state, at, { isDown: !zone.isDown });
    if (zone.isDown) return { to, ratePerMs: 1 / zones.mttrMs, cause: 'mend', leaderShare: 0 };
    const leaderShare = up === 0 ? 0 : upElectable(zone) / up;
    return { to, ratePerMs: 1 / zones.mtbfMs, cause: 'zone', leaderShare };
  });
}

/** One node at a time, and only begun while everything is up. */
function maintenanceChanges({ maintenance }: Scenario, state: ClusterState): Change[] {
  if (maintenance.everyMs === Infinity) return [];
  const busy = state.zones.findIndex(({ inMaintenance }) => inMaintenance !== 'nobody');
  if (busy >= 0) {
    const to = withZone(state, busy, { inMaintenance: 'nobody' });
    return [{ to, ratePerMs: 1 / maintenance.lastsMs, cause: 'mend', leaderShare: 0 }];
  }
  const isWell = state.zones.every((zone) => failedIn(zone) === 0 && !zone.isDown);
  if (!isWell) return [];
  const up = upCounts(state).electable;
  return state.zones.flatMap((zone, at): Change[] => {
    const stop = (who: 'electable' | 'other', count: number, leaderShare: number): Change[] => {
      if (count === 0) return [];
      const to = withZone(state, at, { inMaintenance: who });
      return [{ to, ratePerMs: count / maintenance.everyMs, cause: 'maintenance', leaderShare }];
    };
    return [
      ...stop('electable', upElectable(zone), up === 0 ? 0 : 1 / up),
      ...stop('other', upOthers(zone), 0),
    ];
  });
}

/**
 * A learner takes a dead voter's place while there is a quorum to decide it; the dead node is a learner
 * when it is back. The learner is taken to be in the dead one's zone.
 */
function replacements(scenario: Scenario, state: ClusterState): Change[] {
  const { sparesUp, sparesFailed } = state;
  if (sparesUp === 0 || !hasQuorum(scenario, state)) return [];
  const after = { sparesUp: sparesUp - 1, sparesFailed: sparesFailed + 1 };
  const ratePerMs = 1 / scenario.members.replaceMs;
  return state.zones.flatMap((zone, at): Change[] => {
    const { failedElectable, failedOthers } = zone;
    if (zone.isDown || failedIn(zone) === 0) return [];
    const change =
      failedElectable > 0
        ? { failedElectable: failedElectable - 1 }
        : { failedOthers: failedOthers - 1 };
    const to = { ...withZone(state, at, change), ...after };
    return [{ to, ratePerMs, cause: 'mend', leaderShare: 0 }];
  });
}

function withZone(state: ClusterState, at: number, change: Partial<ZoneState>): ClusterState {
  const zones = state.zones.map((zone, i) => (i === at ? { ...zone, ...change } : zone));
  return { ...state, zones };
}

function upElectable({ electable, failedElectable, inMaintenance }: ZoneState): number {
  return electable - failedElectable - (inMaintenance === 'electable' ? 1 : 0);
}

function upOthers({ size, electable, failedOthers, inMaintenance }: ZoneState): number {
  return size - electable - failedOthers - (inMaintenance === 'other' ? 1 : 0);
}

function failedIn({ failedElectable, failedOthers }: ZoneState): number {
  return failedElectable + failedOthers;
}
