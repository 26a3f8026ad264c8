import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../cli/user-error.ts';
import { readPids } from './data-directory.ts';
import type { DevNode } from './dev-layout.ts';

/** Nodes whose `bellwether dev` was killed stop by themselves; they get this long to do so. */
const WAIT_MS_MAX = 5_000;
const POLL_MS = 50;

/**
 * Two processes on the same data would destroy it, so those of an earlier run must have ended.
 *
 * @throws UserError that names one that has not
 */
export async function awaitLeftovers(directory: string, nodes: readonly DevNode[]): Promise<void> {
  const pids = readPids(directory);
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const left = nodes.find((node) => isRunning(node, pids.get(node.id)));
    if (left === undefined) return;
    if (waitedMs >= WAIT_MS_MAX) {
      const pid = pids.get(left.id);
      throw new UserError(
        `node ${left.id} (pid ${pid}) already runs on ${directory}: stop the other ` +
          '"bellwether dev", or give another directory with --data',
      );
    }
    await sleep(POLL_MS);
  }
}

/** Whether `pid` is that node's process, and not another one that got the same number since. */
function isRunning(node: DevNode, pid: number | undefined): boolean {
  return pid !== undefined && commandLine(pid).includes(node.configFile);
}

function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}
