import { CAUTIOUS_LEADER, type Mutant, patch } from './mutant.ts';
import { RAFT_MUTANTS } from './raft-mutants.ts';
import { SESSION_MUTANTS } from './session-mutants.ts';
import { RUNTIME_MUTANTS } from './runtime-mutants.ts';
import { STORAGE_MUTANTS } from './storage-mutants.ts';

/** Every bug that the simulator must find. */
export const MUTANTS: readonly Mutant[] = [
  ...RAFT_MUTANTS,
  ...RUNTIME_MUTANTS,
  ...STORAGE_MUTANTS,
  ...SESSION_MUTANTS,
];

/**
 * The canary: so plain a bug that the first seed shows it. When it lives, patches don't get into what
 * is run, or nothing looks at the run, and no other line of the table says anything.
 */
export const CANARY: Mutant = {
  name: 'canary',
  what: 'every node applies something else than what was committed',
  patches: [
    patch(
      'cluster/src/driver/delivery.ts',
      'this.#service.deliver(entries);',
      'this.#service.deliver(entries.map((entry) => ({ ...entry, term: entry.term + Math.random() })));',
    ),
  ],
  seedsMax: 1,
};

/** The other way round: nothing is wrong with these, so nothing may be found. */
export const HARMLESS: readonly Mutant[] = [
  {
    name: 'harmless',
    what: 'nothing at all',
    patches: [patch('raft/src/tick.ts', 'state.ticks += 1;', 'state.ticks = state.ticks + 1;')],
    seedsMax: 20,
  },
  {
    name: 'cautious-leader',
    what: 'a leader goes back further than it has to when a log differs from its own',
    patches: [CAUTIOUS_LEADER],
    seedsMax: 100,
  },
];
