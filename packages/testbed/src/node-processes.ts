import { readdirSync, readFileSync } from 'node:fs';

/** Field of /proc/PID/stat behind the name in brackets (proc(5)). */
const PARENT_FIELD = 1;

/**
 * The processes of a node, which has a second one for its consensus: the one that was started, then its
 * descendants. Without /proc (outside Linux) only the first is known.
 *
 * @param pid of the process that was started
 */
export function nodeProcesses(pid: number): readonly number[] {
  const parents = readParents();
  const found = [pid];
  for (const parent of found) {
    for (const [child, itsParent] of parents) if (itsParent === parent) found.push(child);
  }
  return found;
}

/** Whether there is a process with this id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Sends a signal to all processes of a node: freezes it as a whole, or kills it as the loss of its machine would. When only
 * one is killed, the other one lives on for a moment, and may hand over.
 */
export function signalNode(pid: number, signal: NodeJS.Signals): void {
  for (const each of nodeProcesses(pid)) signalProcess(each, signal);
}

/** Sends a signal to one process, if there is one with this id. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readParents(): ReadonlyMap<number, number> {
  const parents = new Map<number, number>();
  if (process.platform !== 'linux') return parents;
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (Number.isInteger(pid)) parents.set(pid, parentOf(pid));
  }
  return parents;
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold spaces and brackets itself, so the last bracket counts.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[PARENT_FIELD]);
  } catch {
    return 0;
  }
}
