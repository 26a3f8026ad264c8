import type { Ensemble } from '../ensemble.ts';
import type { FailoverSystem } from './systems.ts';

export type FaultName = 'kill' | 'freeze' | 'stop' | 'transfer';

/** Something that takes the leader's place away, and how the cluster is made whole again. */
export interface Fault {
  readonly name: FaultName;
  /** For tables. */
  readonly title: string;
  readonly strike: (ensemble: Ensemble, leader: number, system: FailoverSystem) => Promise<void>;
  readonly repair: (ensemble: Ensemble, leader: number) => Promise<void>;
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'kill',
    title: 'killed (kill -9)',
    strike: signal('SIGKILL'),
    repair: (ensemble, leader) => ensemble.restart(leader),
  },
  {
    name: 'freeze',
    title: 'frozen (kill -STOP)',
    strike: signal('SIGSTOP'),
    repair: (ensemble, leader) => Promise.resolve(ensemble.signal(leader, 'SIGCONT')),
  },
  {
    name: 'stop',
    title: 'stopped (SIGTERM)',
    strike: signal('SIGTERM'),
    repair: (ensemble, leader) => ensemble.restart(leader),
  },
  {
    name: 'transfer',
    title: 'told to hand over',
    strike: (ensemble, leader, system) => system.transfer!(ensemble, leader),
    repair: () => Promise.resolve(),
  },
];

function signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGTERM'): Fault['strike'] {
  return (ensemble, leader) => Promise.resolve(ensemble.signal(leader, name));
}
