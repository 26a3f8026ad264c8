/*
 * Loaded before a node's own code, into each of its threads (NODE_OPTIONS=--import, see NodeFaults): makes
 * it fail while a file of that name lies in the directory BELLWETHER_TEST_FAULTS. Nothing of it is in what
 * people install.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { NodeFault } from './node-faults.ts';

type Callback = (error: NodeJS.ErrnoException | null) => void;

const LOOK_MS = 5;
const directory = process.env['BELLWETHER_TEST_FAULTS'] ?? '/nonexistent';
const fileOf = (fault: NodeFault): string => join(directory, fault);
const isOn = (fault: NodeFault): boolean => fs.existsSync(fileOf(fault));

function slownessMs(): number {
  try {
    return Number(fs.readFileSync(fileOf('diskSlow'), 'utf8'));
  } catch {
    return 0;
  }
}

/** What writes or flushes, by the consensus thread, which has the disk: the callback comes last. */
function disturbed<Args extends unknown[]>(
  operation: (...args: Args) => void,
): (...args: Args) => void {
  const later = (...args: Args): void => {
    if (isOn('diskStuck')) setTimeout(() => later(...args), LOOK_MS);
    else operation(...args);
  };
  return (...args) => {
    const delayMs = slownessMs();
    if (isOn('diskFails')) process.nextTick(args.at(-1) as Callback, ioError());
    else if (delayMs > 0) setTimeout(() => later(...args), delayMs);
    else later(...args);
  };
}

function ioError(): NodeJS.ErrnoException {
  return Object.assign(new Error('EIO: i/o error, injected'), { code: 'EIO', errno: -5 });
}

// In a process of its own, or in a worker of the one that has the service.
const isConsensus = !isMainThread || process.argv[1]?.endsWith('consensus-process.js');

if (!isConsensus) {
  const timer = setInterval(() => {
    while (isOn('serviceBusy'));
  }, LOOK_MS);
  timer.unref();
} else {
  const { write, fsync, fdatasync } = fs;
  Object.assign(fs, {
    write: disturbed(write as (...args: unknown[]) => void),
    fsync: disturbed(fsync as (...args: unknown[]) => void),
    fdatasync: disturbed(fdatasync as (...args: unknown[]) => void),
  });
  syncBuiltinESMExports();
}
