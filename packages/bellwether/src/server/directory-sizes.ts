import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that a node's data takes. */
export interface DirectorySizes {
  /** Snapshots, and all that is not the log. */
  readonly dataBytes: number;
  readonly logBytes: number;
}

/** Looks at every file of the data directory; there are few. Those that vanish meanwhile count nothing. */
export function directorySizes(directory: string): DirectorySizes {
  let dataBytes = 0;
  let logBytes = 0;
  for (const name of namesIn(directory)) {
    const bytes = fileBytes(join(directory, name));
    if (name.endsWith('.seg')) logBytes += bytes;
    else dataBytes += bytes;
  }
  return { dataBytes, logBytes };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function fileBytes(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? stats.size : 0;
}
