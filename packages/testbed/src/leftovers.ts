/*
 * What a lab makes outlives a process that is killed with -9: namespaces, and what is mounted. Both
 * carry the number of the process in their names, and the next lab removes those of the dead.
 */
import { existsSync, readFileSync } from 'node:fs';
import { run } from './commands.ts';

const PREFIX = 'bw';
const OWNED = new RegExp(`^${PREFIX}(\\d+)\\.`);
let made = 0;

/** A name for something of this process that no other process has; at most 13 characters. */
export function newName(): string {
  made += 1;
  return `${PREFIX}${process.pid}.${made}`;
}

/** Removes what processes have left behind that are gone. */
export function removeLeftovers(): void {
  for (const name of namespaces()) if (isOrphan(name)) removeNamespace(name);
  for (const { source, target } of mounts()) if (isOrphan(source)) unmount(target);
}

/** Ends what runs in a namespace, and the namespace. */
export function removeNamespace(name: string): void {
  attempt(() => {
    for (const pid of run('ip', ['netns', 'pids', name]).split('\n').filter(Boolean)) {
      attempt(() => void process.kill(Number(pid), 'SIGKILL'));
    }
  });
  attempt(() => void run('ip', ['netns', 'del', name]));
}

/** At once, whoever still uses it. */
export function unmount(target: string): void {
  attempt(() => void run('umount', ['--lazy', target]));
}

function namespaces(): readonly string[] {
  const lines = run('ip', ['netns', 'list']).split('\n');
  return lines.map((line) => line.split(' ')[0] ?? '').filter(Boolean);
}

function mounts(): readonly { readonly source: string; readonly target: string }[] {
  const lines = readFileSync('/proc/mounts', 'utf8').split('\n');
  return lines.map((line) => {
    const [source = '', target = ''] = line.split(' ');
    return { source, target };
  });
}

function isOrphan(name: string): boolean {
  const pid = OWNED.exec(name)?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

/** Two labs may clean up at the same time: what is gone already is no mistake. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Gone already.
  }
}
