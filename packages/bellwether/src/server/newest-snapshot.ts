import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface SnapshotFile {
  readonly index: number;
  readonly modifiedMs: number;
}

/** The newest snapshot in a data directory, by the names of its files; undefined when there is none. */
export function newestSnapshot(directory: string): SnapshotFile | undefined {
  try {
    const names = readdirSync(directory).filter((name) => /^snapshot-\d{16}\.snap$/.test(name));
    const name = names.sort().at(-1);
    if (name === undefined) return undefined;
    const { mtimeMs } = statSync(join(directory, name));
    return { index: Number(name.slice('snapshot-'.length, -'.snap'.length)), modifiedMs: mtimeMs };
  } catch {
    // No directory yet, or the snapshot went just now.
    return undefined;
  }
}
