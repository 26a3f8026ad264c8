import type { Scenario } from '@bellwether/availability';

export type KnobKind = 'duration' | 'count' | 'percent' | 'bytes';

/** One option of `bellwether plan` and what of the scenario it sets. */
export interface Knob {
  /** "mtbf" is --mtbf. */
  readonly name: string;
  readonly kind: KnobKind;
  /** As `mistakesIn` names them; an option may set several. */
  readonly fields: readonly [string, ...string[]];
  /** What it is, for the help and the list of assumptions. */
  readonly what: string;
}

export const KNOBS: readonly Knob[] = [
  knob('nodes', 'count', 'members.voters', 'voters'),
  knob('electable', 'count', 'members.electable', 'voters that may lead (default: all)'),
  knob('spares', 'count', 'members.spares', 'learners that stand in for a dead voter'),
  knob(
    'replace',
    'duration',
    'members.replaceMs',
    'until a learner has taken a dead voter’s place',
  ),
  knob('mtbf', 'duration', 'failures.mtbfMs', 'mean time between failures of one node'),
  knob('mttr', 'duration', 'failures.mttrMs', 'mean time until a failed node is back'),
  knob('silent', 'percent', 'failures.silentShare', 'failures that leave connections open'),
  knob('crews', 'count', 'failures.crews', 'nodes that can be repaired at once (default: all)'),
  knob('heartbeat', 'duration', 'timing.heartbeatMs', 'between two heartbeats of the leader'),
  knob('tick', 'duration', 'timing.tickMs', 'how often silence is judged'),
  {
    name: 'timeout',
    kind: 'duration',
    fields: ['timing.silenceMsMin', 'timing.silenceMsMax'],
    what: 'silence after which a leader is suspected, fixed instead of adaptive',
  },
  knob('timeout-min', 'duration', 'timing.silenceMsMin', 'shortest silence that counts'),
  knob('timeout-max', 'duration', 'timing.silenceMsMax', 'longest silence that is suffered'),
  knob('rtt', 'duration', 'machine.rttMs', 'round trip between two nodes'),
  knob('flush', 'duration', 'machine.flushMs', 'mean time of a flush to disk'),
  knob('hop', 'duration', 'machine.hopMs', 'from a message’s arrival until it is acted upon'),
  knob(
    'close',
    'duration',
    'machine.closeMs',
    'from a process’s death until its connections close',
  ),
  knob('jitter', 'duration', 'machine.jitterMs', 'how late heartbeats come at worst'),
  knob('lag', 'bytes', 'machine.lagBytes', 'log that followers may lack at a failover'),
  knob('bandwidth', 'bytes', 'machine.bytesPerSecond', 'bytes per second at which they get it'),
  knob('zones', 'count', 'zones.count', 'zones over which the voters are spread'),
  knob('zone-mtbf', 'duration', 'zones.mtbfMs', 'mean time between failures of one whole zone'),
  knob('zone-mttr', 'duration', 'zones.mttrMs', 'mean time until a failed zone is back'),
  knob(
    'maintenance',
    'duration',
    'maintenance.everyMs',
    'mean time between planned stops of a node',
  ),
  knob('maintenance-time', 'duration', 'maintenance.lastsMs', 'how long a planned stop lasts'),
  knob('stalls', 'duration', 'stalls.everyMs', 'mean time between two stalls of the leader'),
  knob('stall-time', 'duration', 'stalls.lastsMs', 'how long a stall lasts on average'),
  knob('disk-mtbf', 'duration', 'disks.mtbfMs', 'mean time until one disk is lost for good'),
  knob('rebuild', 'duration', 'disks.rebuildMs', 'until a new disk has everything again'),
];

function knob(name: string, kind: KnobKind, field: string, what: string): Knob {
  return { name, kind, fields: [field], what };
}

/** "failures.mtbfMs" of a scenario. */
export function fieldOf(scenario: Scenario, field: string): number {
  const [group = '', key = ''] = field.split('.');
  const groups = scenario as unknown as Readonly<Record<string, Readonly<Record<string, number>>>>;
  return groups[group]?.[key] ?? Number.NaN;
}

export function withField(scenario: Scenario, field: string, value: number): Scenario {
  const [group = '', key = ''] = field.split('.');
  const groups = scenario as unknown as Readonly<Record<string, object>>;
  return { ...scenario, [group]: { ...groups[group], [key]: value } };
}
