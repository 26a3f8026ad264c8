/**
 * # The lock file
 *
 * `lock` in the directory names the process that has it open: `<pid> <started> <boot>`, where `started`
 * is the process's start time in clock ticks since boot and `boot` the kernel's boot id (both from
 * /proc, `-` where there is none). Process ids are used again, in containers at every start, so the id alone
 * would take a dead holder for a living one. It is made by linking a complete file into place, which
 * fails when the name exists. The lock of a process that is gone is taken over: it is renamed away
 * first, and put back if it turns out to be somebody else's meanwhile.
 *
 * It protects against a mistake on one machine. Two machines, or two containers with process ids of
 * their own, that mount the same directory are not told from each other's dead.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { lockedError } from './errors.ts';

/** What the lock asks of the system; injected in tests. */
export interface ProcessTable {
  readonly ownPid: number;
  readonly bootId: string;
  /** Start time of a living process, '-' if it can't be known; undefined when it is not there. */
  startedAt(pid: number): string | undefined;
}

export const SYSTEM_PROCESSES: ProcessTable = {
  ownPid: process.pid,
  bootId: readOr('/proc/sys/kernel/random/boot_id', '-').trim(),
  startedAt,
};

const ATTEMPTS_MAX = 10;

/** Takes the lock file `<directory>/lock`; returns how to release it. Throws `locked`. */
export function lockDirectory(directory: string, processes = SYSTEM_PROCESSES): () => void {
  const path = `${directory}/lock`;
  const { ownPid, bootId } = processes;
  const content = `${ownPid} ${processes.startedAt(ownPid) ?? '-'} ${bootId}\n`;
  const own = `${path}.${ownPid}.own`;
  writeFileSync(own, content);
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (linkedAs(own, path)) return () => rmSync(path, { force: true });
      const holder = readOr(path, '');
      if (holder !== '' && isAlive(holder, processes)) {
        throw lockedError(path, `process ${holder.split(' ')[0]}`);
      }
      putAway(path, holder, ownPid);
    }
    throw lockedError(path, 'processes that take it again and again');
  } finally {
    rmSync(own, { force: true });
  }
}

function linkedAs(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the dead holder's file, unless it is another one by now. */
function putAway(path: string, holder: string, ownPid: number): void {
  const stale = `${path}.${ownPid}.stale`;
  try {
    renameSync(path, stale);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readOr(stale, '') !== holder) linkedAs(stale, path);
  rmSync(stale, { force: true });
}

function isAlive(holder: string, processes: ProcessTable): boolean {
  const [pid, started, boot] = holder.trim().split(' ');
  if (boot !== processes.bootId) return false;
  const now = processes.startedAt(Number(pid));
  return now !== undefined && (now === started || now === '-' || started === '-');
}

function startedAt(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  // The name in parentheses may hold anything; the start time is the 20th field behind it.
  const stat = readOr(`/proc/${pid}/stat`, '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
