import { describe, expect, it, vi } from 'vitest';
import type { CrashFate } from '../src/testing/index.ts';
import {
  check,
  checkReopened,
  isCrash,
  operationsOfScenario,
  playUntil,
} from './crash-scenario.ts';
import { entriesOf, flushed, openOn, readAll } from './harness.ts';

const FATES: readonly CrashFate[] = [
  'allLost',
  'allKept',
  'namesKept',
  'contentKept',
  'random',
  'random',
];

// Takes few seconds, but the machine may be busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

describe('a crash at every single operation', () => {
  const total = operationsOfScenario();

  it('goes through rotation, conflicts, snapshots and installation', () => {
    const [running, scenario] = playUntil(1, 0);
    expect(total).toBeGreaterThan(100);
    expect(scenario?.store.lastIndex()).toBe(113);
    expect(scenario?.acknowledged).toBe((scenario?.versions.length ?? 0) - 1);
    const names = running.disk.list('data');
    expect(Number(names[0]?.slice(4, -4))).toBeGreaterThan(3);
  });

  it('keeps what was acknowledged, and what was replaced stays away (power cut)', () => {
    for (let operation = 1; operation <= total; operation += 1) {
      const [{ disk }, scenario] = playUntil(operation, operation);
      for (const fate of FATES) {
        const copy = disk.copy();
        copy.crash(fate);
        checkReopened(copy, scenario, `operation ${operation}, ${fate}`);
      }
    }
  });

  it('keeps it when only the process is killed', () => {
    for (let operation = 1; operation <= total; operation += 1) {
      const [{ disk }, scenario] = playUntil(1, operation);
      disk.killProcess();
      checkReopened(disk, scenario, `operation ${operation}`);
    }
  });

  it('keeps what recovery has said to be there, even if the power fails after a kill', () => {
    for (let operation = 1; operation <= total; operation += 1) {
      const [{ disk }, scenario] = playUntil(operation, operation);
      disk.killProcess();
      const before = openOn(disk);
      const said = readAll(before).map(({ index, term }) => ({ index, term }));
      for (const fate of FATES) {
        const copy = disk.copy();
        copy.crash(fate);
        const store = openOn(copy);
        expect(readAll(store).map(({ index, term }) => ({ index, term }))).toEqual(said);
        expect(store.snapshot()).toEqual(before.snapshot());
        if (scenario !== undefined) check(store, scenario, `operation ${operation}`);
      }
    }
  });

  it('recovers from a crash at every operation of the recovery', () => {
    for (let operation = 1; operation <= total; operation += 3) {
      const [{ disk }, scenario] = playUntil(operation, operation);
      disk.crash();
      for (let step = 1; step < 50; step += 1) {
        const again = disk.copy();
        again.stopAt(step);
        try {
          openOn(again);
          break;
        } catch (error) {
          if (!isCrash(error)) throw error;
        }
        again.crash();
        checkReopened(again, scenario, `operation ${operation}, then ${step}`);
      }
    }
  });

  it('goes on after the crash: new entries are durable and old ones stay replaced', () => {
    for (let operation = 1; operation <= total; operation += 3) {
      const [running, scenario] = playUntil(operation, operation);
      running.disk.crash();
      const store = openOn(running.disk);
      const last = store.lastIndex();
      const replaced = Math.max(store.firstIndex(), last - 2);
      store.append(entriesOf(replaced, last + 40, 9, 180));
      flushed(store, running.queue);
      store.append(entriesOf(last + 41, last + 50, 9, 180));
      flushed(store, running.queue);
      const expected = readAll(store);
      running.disk.crash();
      const reopened = openOn(running.disk);
      expect(readAll(reopened)).toEqual(expected);
      expect(reopened.lastIndex()).toBe(last + 50);
      expect(scenario === undefined || reopened.term(last + 50) === 9).toBe(true);
    }
  });
});
