import type { Entry, HardState, SnapshotMetadata } from '@bellwether/raft';
import { expect } from 'vitest';
import type { LogStore } from '../src/index.ts';
import { CrashError, type FaultyFileSystem } from '../src/testing/index.ts';
import {
  chunksOf,
  entriesOf,
  hard,
  machine,
  type Machine,
  metadataOf,
  openOn,
  readAll,
} from './harness.ts';

/** What the log should be after a change: the last index, and the term of each entry of the model. */
interface Version {
  readonly terms: ReadonlyMap<number, number>;
  readonly last: number;
  readonly hardState: HardState;
}

/**
 * Goes through changes of the log and keeps every version it should have had. `acknowledged` is the
 * newest that was flushed: after a crash the log must be that one, or a later one.
 */
export class Scenario {
  readonly queue: Machine['queue'];
  readonly disk: FaultyFileSystem;
  readonly store: LogStore;
  versions: Version[] = [{ terms: new Map(), last: 0, hardState: hard(0, 0, 0) }];
  acknowledged = 0;
  snapshots: SnapshotMetadata[] = [];
  snapshotsAcknowledged = 0;

  constructor({ queue, disk }: Machine, store: LogStore) {
    this.queue = queue;
    this.disk = disk;
    this.store = store;
  }

  get now(): Version {
    return this.versions.at(-1) as Version;
  }

  append(from: number, to: number, term: number): void {
    const terms = new Map([...this.now.terms].filter(([index]) => index < from));
    const entries = entriesOf(from, to, term, 180);
    for (const { index } of entries) terms.set(index, term);
    this.versions.push({ ...this.now, terms, last: to });
    this.store.append(entries);
  }

  hardState(hardState: HardState): void {
    this.versions.push({ ...this.now, hardState });
    this.store.setHardState(hardState);
  }

  /** Acknowledged when it completes; several may be under way. */
  flush(): void {
    const version = this.versions.length - 1;
    this.store.flush((error) => {
      if (error) throw error;
      this.acknowledged = Math.max(this.acknowledged, version);
    });
  }

  settle(): void {
    this.queue.runAll();
    if (this.disk.isStopped) throw new CrashError('stopped in a completion');
  }

  snapshot(index: number, term: number): void {
    const metadata = metadataOf(index, term);
    this.snapshots.push(metadata);
    const number = this.snapshots.length;
    const writer = this.store.beginSnapshot(metadata);
    for (const chunk of chunksOf(index)) writer.write(chunk);
    writer.commit((error) => {
      if (error) throw error;
      this.snapshotsAcknowledged = number;
    });
  }

  install(index: number, term: number): void {
    this.versions.push({ ...this.now, terms: new Map(), last: index });
    this.store.installSnapshot(metadataOf(index, term));
  }
}

function play(scenario: Scenario): void {
  const s = scenario;
  s.hardState(hard(1, 2, 0));
  s.flush();
  s.append(1, 5, 1);
  s.flush();
  s.append(6, 9, 1);
  s.flush();
  s.append(10, 12, 1);
  s.flush();
  s.settle();
  for (let from = 13; from < 40; from += 3) {
    s.append(from, from + 2, 1);
    s.hardState(hard(1, 2, from - 1));
    s.flush();
    s.settle();
  }
  s.hardState(hard(2, 3, 36));
  s.append(37, 41, 2);
  s.flush();
  s.append(38, 38, 3);
  s.flush();
  s.settle();
  s.snapshot(30, 1);
  s.append(39, 45, 3);
  s.flush();
  s.settle();
  s.append(46, 48, 3);
  s.flush();
  s.store.truncatePrefix(30);
  s.append(49, 50, 3);
  s.flush();
  s.settle();
  s.append(35, 60, 4);
  s.hardState(hard(4, 1, 36));
  s.flush();
  s.settle();
  s.store.confirm();
  s.settle();
  s.snapshot(33, 1);
  s.settle();
  s.store.truncatePrefix(33);
  s.settle();
  s.snapshot(100, 6);
  s.settle();
  s.install(100, 6);
  s.append(101, 104, 6);
  s.hardState(hard(6, 0, 101));
  s.flush();
  s.settle();
  for (let from = 105; from < 125; from += 5) {
    s.append(from, from + 4, 6);
    s.flush();
    s.settle();
  }
  s.snapshot(110, 7);
  s.settle();
  s.install(110, 7);
  s.append(111, 113, 7);
  s.flush();
  s.settle();
  s.store.confirm();
  s.settle();
}

function sameEntries(actual: readonly Entry[], terms: ReadonlyMap<number, number>): boolean {
  return actual.every(({ index, term }) => terms.get(index) === term);
}

/** What recovery makes of a version and the newest snapshot. */
function reconciled(version: Version, snapshot: SnapshotMetadata): Version {
  const term = version.terms.get(snapshot.index);
  const conflicts = term !== undefined && term !== snapshot.term;
  if (snapshot.index <= version.last && !conflicts) return version;
  return { ...version, terms: new Map(), last: snapshot.index };
}

function matches(store: LogStore, entries: readonly Entry[], version: Version): boolean {
  const { term, vote } = store.hardState();
  const candidate = reconciled(version, store.snapshot());
  return (
    candidate.last === store.lastIndex() &&
    sameEntries(entries, candidate.terms) &&
    term === version.hardState.term &&
    vote === version.hardState.vote
  );
}

/** The entry is the one that was appended at this index, in the term that it says. */
function isRight(store: LogStore, { index, term, kind, data }: Entry, expected: number): boolean {
  const [wanted] = entriesOf(expected, expected, term, 180);
  if (wanted === undefined || index !== expected || kind !== wanted.kind) return false;
  return store.term(index) === term && Buffer.compare(data, wanted.data) === 0;
}

/** Everything acknowledged is there, nothing replaced is back. */
export function check(store: LogStore, scenario: Scenario, what: string): void {
  const entries = readAll(store);
  expect(entries.length).toBe(store.lastIndex() - store.firstIndex() + 1);
  expect(
    entries.find((read, at) => !isRight(store, read, store.firstIndex() + at)),
  ).toBeUndefined();
  expect(store.firstIndex()).toBeLessThanOrEqual(store.snapshot().index + 1);
  expect(store.hardState().commit).toBeLessThanOrEqual(store.lastIndex());
  expect(store.persistedIndex).toBe(store.lastIndex());
  const candidates = scenario.versions.slice(scenario.acknowledged);
  const found = candidates.some((version) => matches(store, entries, version));
  expect(found, `${what}: log ${store.firstIndex()}..${store.lastIndex()}`).toBe(true);
  checkSnapshot(store, scenario);
}

function checkSnapshot(store: LogStore, { snapshots, snapshotsAcknowledged }: Scenario): void {
  const { index } = store.snapshot();
  const possible = snapshots.slice(Math.max(0, snapshotsAcknowledged - 1));
  const wanted = snapshotsAcknowledged === 0 ? [0] : [];
  expect([...wanted, ...possible.map((metadata) => metadata.index)]).toContain(index);
  if (index === 0) return;
  const reader = store.openSnapshot();
  expect(reader?.metadata).toEqual(possible.find((metadata) => metadata.index === index));
  for (const chunk of chunksOf(index)) expect(reader?.readChunk()).toEqual(chunk);
  expect(reader?.readChunk()).toBeUndefined();
  reader?.close();
}

/** Plays until the machine stops at an operation; undefined when it had ended before. */
export function playUntil(seed: number, operation: number): [Machine, Scenario | undefined] {
  const running = machine(seed);
  if (operation > 0) running.disk.stopAt(operation);
  let scenario: Scenario | undefined;
  try {
    scenario = new Scenario(running, openOn(running.disk));
    play(scenario);
  } catch (error) {
    if (!isCrash(error)) throw error;
  }
  return [running, scenario];
}

export function isCrash(error: unknown): boolean {
  if (error instanceof CrashError) return true;
  return error instanceof Error && error.cause !== undefined && isCrash(error.cause);
}

export function operationsOfScenario(): number {
  return playUntil(1, 0)[0].disk.operations;
}

export function checkReopened(
  disk: FaultyFileSystem,
  scenario: Scenario | undefined,
  what: string,
): void {
  const store = openOn(disk);
  if (scenario !== undefined) check(store, scenario, what);
  else expect(store.lastIndex()).toBe(0);
  store.close();
}
