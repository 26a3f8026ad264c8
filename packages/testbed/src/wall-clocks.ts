import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where distributions put libfaketime. */
const DIRECTORIES = ['/usr/lib', '/usr/lib64', '/usr/local/lib'];
const LIBRARY = join('faketime', 'libfaketimeMT.so.1');

/** The library that tells a process another time; undefined when it is not here. */
function findLibrary(): string | undefined {
  const candidates = DIRECTORIES.flatMap((directory) => {
    const below = existsSync(directory) ? readdirSync(directory) : [];
    return [directory, ...below.map((name) => join(directory, name))];
  });
  return candidates.map((directory) => join(directory, LIBRARY)).find(existsSync);
}

/** Why clocks can't be set wrong here; undefined when they can. */
export function whyNoWallClocks(): string | undefined {
  if (findLibrary() !== undefined) return undefined;
  return 'libfaketime is not installed (Debian: apt-get install faketime)';
}

/**
 * Wall clocks of nodes that can be set wrong while they run, by libfaketime. It leaves the monotonic clock
 * alone, as a clock does that is set, and all threads of the process see it.
 */
export class WallClocks {
  readonly #directory: string;

  /** @param directory for a file of each node */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Variables for the process of a node. @throws where `whyNoWallClocks` has a reason */
  environmentOf(id: number): Readonly<Record<string, string>> {
    const library = findLibrary();
    if (library === undefined) throw new Error(whyNoWallClocks());
    mkdirSync(this.#directory, { recursive: true });
    this.set(id, 0);
    return {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#fileOf(id),
      // Of the file; reading it for every look at the clock would cost more than all else.
      FAKETIME_CACHE_DURATION: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** From within a second on, the node's clock is so far from the right time. */
  set(id: number, offsetSeconds: number): void {
    const sign = offsetSeconds < 0 ? '-' : '+';
    writeFileSync(this.#fileOf(id), `${sign}${Math.abs(offsetSeconds)}\n`);
  }

  #fileOf(id: number): string {
    return join(this.#directory, String(id));
  }
}
