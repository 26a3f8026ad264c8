import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory, type ProcessTable, SYSTEM_PROCESSES } from '../src/directory-lock.ts';

/** A process table in which the given processes live, by id and start time. */
function processes(ownPid: number, alive: Record<number, string>, bootId = 'boot'): ProcessTable {
  return { ownPid, bootId, startedAt: (pid) => alive[pid] };
}

describe('the lock of a directory', () => {
  let directory: string;
  const lockFile = (): string => readFileSync(`${directory}/lock`, 'utf8');

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bellwether-lock-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is refused while its holder lives, and free after its release', () => {
    const alive = { 10: '500', 11: '600' };
    const unlock = lockDirectory(directory, processes(10, alive));
    const second = (): (() => void) => lockDirectory(directory, processes(11, alive));
    expect(second).toThrow(expect.objectContaining({ code: 'locked' }));
    expect(second).toThrow(/process 10/);
    unlock();
    second()();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is taken over from a process that is gone', () => {
    lockDirectory(directory, processes(10, { 10: '500' }));
    lockDirectory(directory, processes(11, { 11: '600' }));
    expect(lockFile()).toBe('11 600 boot\n');
    expect(readdirSync(directory)).toEqual(['lock']);
  });

  it('is taken over when another process has the holder’s id now, even this one', () => {
    lockDirectory(directory, processes(10, { 10: '500' }));
    lockDirectory(directory, processes(11, { 10: '501', 11: '600' }));
    expect(lockFile()).toBe('11 600 boot\n');
    lockDirectory(directory, processes(11, { 11: '700' }));
    expect(lockFile()).toBe('11 700 boot\n');
  });

  it('is taken over after the machine was started again', () => {
    lockDirectory(directory, processes(10, { 10: '500' }));
    lockDirectory(directory, processes(11, { 10: '500', 11: '600' }, 'next boot'));
    expect(lockFile()).toBe('11 600 next boot\n');
  });

  it('relies on the process id alone where start times can’t be known', () => {
    lockDirectory(directory, processes(10, { 10: '-' }));
    expect(() => lockDirectory(directory, processes(11, { 10: '-', 11: '-' }))).toThrow(/held/);
    lockDirectory(directory, processes(11, { 11: '-' }));
    expect(lockFile()).toBe('11 - boot\n');
  });

  it('takes over a lock file that is empty or makes no sense', () => {
    for (const content of ['', 'garbage\n']) {
      writeFileSync(`${directory}/lock`, content);
      lockDirectory(directory, processes(11, { 11: '600' }))();
    }
    expect(readdirSync(directory)).toEqual([]);
  });

  it('knows about the processes of this machine', () => {
    const { ownPid, startedAt } = SYSTEM_PROCESSES;
    expect(startedAt(ownPid)).toMatch(/^(\d+|-)$/);
    expect(startedAt(2 ** 22 + 1)).toBeUndefined();
    const unlock = lockDirectory(directory);
    expect(() => lockDirectory(directory)).toThrow(new RegExp(`process ${ownPid}`));
    unlock();
  });
});
