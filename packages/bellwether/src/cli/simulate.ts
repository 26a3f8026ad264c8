import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UserError } from './user-error.ts';

const SIMULATOR = '@bellwether/simulator';

/**
 * Runs the simulator's own command, where it is installed: what the server is tested with is no part of
 * the server.
 *
 * @param args handed on as they are
 * @param places files from which the package is looked for, one after the other
 * @returns the simulator's exit code
 * @throws UserError when it is not installed
 */
export function simulate(
  args: readonly string[],
  places: readonly string[] = [join(process.cwd(), 'package.json'), import.meta.url],
): Promise<number> {
  const command = places.map(commandSeenFrom).find((found) => found !== undefined);
  if (command === undefined) {
    throw new UserError(
      `The simulator is a package of its own and is not installed: npm install --save-dev ${SIMULATOR}`,
    );
  }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], { stdio: 'inherit' });
    child.once('error', reject);
    // Ctrl-C reaches both; a signal for this process alone is for both, too.
    const end = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.once('SIGTERM', end);
    child.once('close', (code) => {
      process.off('SIGTERM', end);
      resolve(code ?? 1);
    });
  });
}

function commandSeenFrom(file: string): string | undefined {
  try {
    return createRequire(file).resolve(`${SIMULATOR}/command`);
  } catch {
    return undefined;
  }
}
