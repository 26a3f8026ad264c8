import { readFileSync, readdirSync } from 'node:fs';

/** Open file descriptors of this process; -1 where the system does not tell. */
export function openFileCount(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return -1;
  }
}

/** How many this process may open; -1 where the system does not tell, or does not mind. */
export function openFileLimit(): number {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return Number(line?.[1] ?? -1);
  } catch {
    return -1;
  }
}
