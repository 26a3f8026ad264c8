/*
 * Loaded before a server's own code, into each of its threads (NODE_OPTIONS=--import): makes it stick
 * while a file of that name lies in the directory BELLWETHER_TEST_FAULTS.
 *
 * - disk: writes to files don't return.
 * - service: the main thread is busy with nothing.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const LOOK_MS = 5;
const directory = process.env['BELLWETHER_TEST_FAULTS'] ?? '/nonexistent';
const isWanted = (fault) => fs.existsSync(join(directory, fault));

if (isMainThread) {
  setInterval(() => {
    while (isWanted('service'));
  }, LOOK_MS).unref();
} else {
  const { write } = fs;
  const writeUnlessStuck = (...args) => {
    if (isWanted('disk')) setTimeout(() => writeUnlessStuck(...args), LOOK_MS);
    else write(...args);
  };
  fs.write = writeUnlessStuck;
  syncBuiltinESMExports();
}
