import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { nodeProcesses } from '@bellwether/testbed';

/**
 * Fields of /proc/PID/stat behind the name in brackets: utime is the 12th, stime the 13th
 * (proc(5)).
 */
const USER_TICKS_FIELD = 11;
const SYSTEM_TICKS_FIELD = 12;

let ticksPerSecond: number | undefined;

function readTicksPerSecond(): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticksPerSecond;
}

/** The user and system ticks of all threads of a process, from the text of /proc/PID/stat. */
export function parseCpuTicks(stat: string): number {
  // The name may hold spaces and brackets itself, so the last bracket counts.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[USER_TICKS_FIELD]) + Number(fields[SYSTEM_TICKS_FIELD]);
}

/**
 * CPU time of the processes and their descendants since they started, added up, in microseconds; undefined where there
 * is no /proc (outside Linux), where one of them is gone, or when `pids` is empty.
 */
export function readCpuUs(pids: readonly number[]): number | undefined {
  if (process.platform !== 'linux' || pids.length === 0) return undefined;
  try {
    const ticks = pids
      .flatMap(nodeProcesses)
      .map((pid) => parseCpuTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')));
    return (ticks.reduce((sum, each) => sum + each, 0) * 1e6) / readTicksPerSecond();
  } catch {
    return undefined;
  }
}
