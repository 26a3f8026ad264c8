import { bothWays, type Loss, type NodeFault } from '@bellwether/testbed';
import type { Ensemble } from '../ensemble.ts';
import { GRACE_MS, SETTLE_MS } from '../limits.ts';
import type { BenchSite, SiteName } from './sites.ts';
import type { FailoverSystem } from './systems.ts';

export type FaultName =
  | 'kill'
  | 'crash'
  | 'freeze'
  | 'cut'
  | 'mute'
  | 'deaf'
  | 'disk'
  | 'service'
  | 'stop'
  | 'transfer'
  | 'nothing';

/** The servers of a system, and what is around them. */
export interface Stage {
  readonly system: FailoverSystem;
  readonly ensemble: Ensemble;
  readonly site: BenchSite;
}

/** Who is struck, and where. */
interface Scene extends Stage {
  /** Position of the leader. */
  readonly leader: number;
}

/** Makes the cluster whole again. */
export type Repair = () => Promise<void>;

/** Something that takes the leader's place away. */
export interface Fault {
  readonly name: FaultName;
  /** For tables. */
  readonly title: string;
  readonly site: SiteName;
  /** How long the leader has to have led. */
  readonly settleMs: number;
  /** The leader stays: what is seen then is the machine's own unrest. */
  readonly isHarmless?: true;
  /** Whether it can be done to this system. */
  readonly isPossible: (system: FailoverSystem) => boolean;
  readonly strike: (scene: Scene) => Promise<Repair>;
}

const always = (): boolean => true;
/** Faults from inside are Node.js's (see NodeFaults), and the others have one process each. */
const onNodeJs = ({ runsOnNodeJs }: FailoverSystem): boolean => runsOnNodeJs;

export const FAULTS: readonly Fault[] = [
  signalled('kill', 'killed (kill -9)', 'SIGKILL'),
  {
    ...{ name: 'crash', title: 'killed with all its processes', site: 'loopback' },
    ...{ settleMs: SETTLE_MS, isPossible: onNodeJs },
    strike: ({ ensemble, leader }) => {
      ensemble.crash(leader);
      return Promise.resolve(() => ensemble.restart(leader));
    },
  },
  signalled('freeze', 'frozen (kill -STOP)', 'SIGSTOP'),
  lossy('cut', 'cut off from all, without a reset', (leader) => bothWays(leader, 'everywhere')),
  lossy('mute', 'heard by nobody, hears all', (leader) => [{ from: leader, to: 'everywhere' }]),
  lossy('deaf', 'hears nobody, heard by all', (leader) => [{ from: 'everywhere', to: leader }]),
  injected('disk', 'disk stuck (injected)', 'diskStuck'),
  injected('service', 'service thread stuck (injected)', 'serviceBusy'),
  signalled('stop', 'stopped (SIGTERM)', 'SIGTERM'),
  {
    name: 'transfer',
    title: 'told to hand over',
    site: 'loopback',
    settleMs: SETTLE_MS,
    isPossible: ({ transfer }) => transfer !== undefined,
    strike: async ({ system, ensemble, leader }) => {
      await system.transfer!(ensemble, leader);
      return () => Promise.resolve();
    },
  },
  {
    ...{ name: 'nothing', title: 'left alone (for comparison)', site: 'loopback' },
    ...{ settleMs: SETTLE_MS, isPossible: always, isHarmless: true },
    strike: () => Promise.resolve(() => Promise.resolve()),
  },
];

function signalled(
  name: FaultName,
  title: string,
  signal: 'SIGKILL' | 'SIGSTOP' | 'SIGTERM',
): Fault {
  return {
    ...{ name, title, site: 'loopback', settleMs: SETTLE_MS, isPossible: always },
    strike: ({ ensemble, leader }) => {
      ensemble.signal(leader, signal);
      return Promise.resolve(() =>
        signal === 'SIGSTOP'
          ? Promise.resolve(ensemble.signal(leader, 'SIGCONT'))
          : ensemble.restart(leader),
      );
    },
  };
}

function lossy(name: FaultName, title: string, losses: (host: number) => readonly Loss[]): Fault {
  return {
    ...{ name, title, site: 'network', settleMs: SETTLE_MS, isPossible: always },
    strike: async ({ site, ensemble, leader }) => {
      if (site.name !== 'network') throw new Error(`${name} needs a network`);
      return site.network.lose(losses(ensemble.idOf(leader)));
    },
  };
}

function injected(name: FaultName, title: string, fault: NodeFault): Fault {
  return {
    ...{ name, title, site: 'injected', settleMs: GRACE_MS, isPossible: onNodeJs },
    strike: ({ site, ensemble, leader }) => {
      if (site.name !== 'injected')
        throw new Error(`${name} needs servers that can be made to fail`);
      const id = ensemble.idOf(leader);
      site.faults.begin(id, fault);
      return Promise.resolve(() => Promise.resolve(site.faults.end(id, fault)));
    },
  };
}
