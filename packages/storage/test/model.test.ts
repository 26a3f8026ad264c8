import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { Entry, HardState } from '@bellwether/raft';
import type { LogStore } from '../src/index.ts';
import {
  entriesOf,
  flushed,
  hard,
  machine,
  type Machine,
  metadataOf,
  openOn,
  readAll,
  snapshotAt,
} from './harness.ts';

// Takes few seconds, but the machine may be busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

/** The log as an array: entry i is at index base + 1 + i. */
interface Model {
  base: number;
  baseTerm: number;
  entries: Entry[];
  hardState: HardState;
  term: number;
  snapshot: number;
  /** What was acknowledged last, and every state since: after a crash it is one of these. */
  durable: Frozen[];
}

type Frozen = Pick<Model, 'base' | 'baseTerm' | 'entries' | 'hardState'>;

interface Real {
  readonly machine: Machine;
  store: LogStore;
}

const lastOf = (model: Frozen): number => model.base + model.entries.length;

function freeze({ base, baseTerm, entries, hardState }: Model): Frozen {
  return { base, baseTerm, entries: [...entries], hardState };
}

function checkSame(model: Model, store: LogStore): void {
  expect(store.lastIndex()).toBe(lastOf(model));
  const first = store.firstIndex();
  expect(first).toBeLessThanOrEqual(model.snapshot + 1);
  expect(first).toBeGreaterThanOrEqual(model.base + 1);
  expect(readAll(store)).toEqual(model.entries.slice(first - model.base - 1));
  expect(store.hardState()).toEqual(model.hardState);
}

type Command = fc.Command<Model, Real>;

function command(name: string, run: (model: Model, real: Real) => void): Command {
  return {
    check: () => true,
    run: (model, real) => {
      run(model, real);
      checkSame(model, real.store);
    },
    toString: () => name,
  };
}

const append = (back: number, count: number, length: number): Command =>
  command(`append(${back} back, ${count} of ${length} B)`, (model, real) => {
    const from = Math.max(lastOf(model) + 1 - back, model.snapshot + 1);
    model.term += back > 0 ? 1 : 0;
    const added = entriesOf(from, from + count - 1, model.term, length);
    model.entries = [...model.entries.slice(0, from - model.base - 1), ...added];
    const commit = Math.min(model.hardState.commit, lastOf(model));
    model.hardState = { ...model.hardState, commit };
    real.store.append(added);
    real.store.setHardState(model.hardState);
    model.durable.push(freeze(model));
  });

const setHardState = (vote: number): Command =>
  command(`setHardState(vote ${vote})`, (model, real) => {
    model.term += 1;
    model.hardState = hard(model.term, vote, lastOf(model));
    real.store.setHardState(model.hardState);
    model.durable.push(freeze(model));
  });

const flush = (): Command =>
  command('flush', (model, real) => {
    flushed(real.store, real.machine.queue);
    model.durable = [freeze(model)];
    expect(real.store.persistedIndex).toBe(lastOf(model));
  });

/** Starts a flush and lets a few completions happen. */
const flushPartly = (completions: number): Command =>
  command(`flush, ${completions} completions`, (model, real) => {
    const mark = freeze(model);
    model.durable.push(mark);
    real.store.flush((error) => {
      expect(error).toBeUndefined();
      const at = model.durable.findIndex((candidate) => candidate === mark);
      if (at >= 0) model.durable = model.durable.slice(at);
    });
    for (let run = 0; run < completions; run += 1) real.machine.queue.runOne();
  });

const snapshot = (part: number): Command =>
  command(`snapshot at ${part}`, (model, real) => {
    const index = model.base + Math.floor(model.entries.length * part);
    if (index <= model.snapshot) return;
    flushed(real.store, real.machine.queue);
    snapshotAt(real.store, real.machine.queue, index, real.store.term(index));
    model.snapshot = index;
    model.durable = [freeze(model)];
    real.store.truncatePrefix(index);
  });

const install = (ahead: number): Command =>
  command(`install ${ahead} ahead`, (model, real) => {
    flushed(real.store, real.machine.queue);
    const index = lastOf(model) + ahead;
    model.term += 1;
    snapshotAt(real.store, real.machine.queue, index, model.term);
    real.store.installSnapshot(metadataOf(index, model.term));
    Object.assign(model, { base: index, baseTerm: model.term, entries: [], snapshot: index });
    // The hard state may be of before; the runtime sets a new one with the installation.
    model.hardState = hard(model.term, 0, index);
    real.store.setHardState(model.hardState);
    flushed(real.store, real.machine.queue);
    model.durable = [freeze(model)];
  });

const reopen = (): Command =>
  command('close and open', (model, real) => {
    flushed(real.store, real.machine.queue);
    model.durable = [freeze(model)];
    real.store.close();
    real.store = openOn(real.machine.disk);
    adopt(model, real.store);
  });

const crash = (): Command =>
  command('crash', (model, real) => {
    real.machine.disk.crash();
    real.store = openOn(real.machine.disk);
    adopt(model, real.store);
  });

/** The model becomes the candidate that the store recovered; there must be one. */
function adopt(model: Model, store: LogStore): void {
  const found = model.durable.find((candidate) => isSame(candidate, store));
  expect(found, `recovered ${store.firstIndex()}..${store.lastIndex()}`).toBeDefined();
  Object.assign(model, found, { hardState: store.hardState() });
  model.durable = [freeze(model)];
  model.term = Math.max(model.term, store.hardState().term);
}

function isSame(candidate: Frozen, store: LogStore): boolean {
  if (store.lastIndex() !== lastOf(candidate)) return false;
  const { term, vote } = store.hardState();
  if (term !== candidate.hardState.term || vote !== candidate.hardState.vote) return false;
  const kept = candidate.entries.slice(store.firstIndex() - candidate.base - 1);
  const read = readAll(store);
  return read.every(
    (entry, at) => entry.term === kept[at]?.term && Buffer.compare(entry.data, kept[at].data) === 0,
  );
}

const COMMANDS = [
  fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 9 }), fc.nat(400))
    .map(([back, count, length]) => append(Math.max(0, back - 6), count, length)),
  fc.nat(3).map(setHardState),
  fc.constant(flush()),
  fc.nat(3).map(flushPartly),
  fc.double({ min: 0, max: 1, noNaN: true }).map(snapshot),
  fc.integer({ min: 1, max: 50 }).map(install),
  fc.constant(reopen()),
  fc.constant(crash()),
];

it('behaves like an array, through reopening and crashes', () => {
  fc.assert(
    fc.property(
      fc.commands(COMMANDS, { maxCommands: 80, size: 'max' }),
      fc.integer(),
      (commands, seed) => {
        fc.modelRun(() => {
          const running = machine(seed);
          const model: Model = {
            base: 0,
            baseTerm: 0,
            entries: [],
            hardState: hard(0, 0, 0),
            term: 1,
            snapshot: 0,
            durable: [],
          };
          model.durable = [freeze(model)];
          return { model, real: { machine: running, store: openOn(running.disk) } };
        }, commands);
      },
    ),
    { numRuns: 40 },
  );
});
