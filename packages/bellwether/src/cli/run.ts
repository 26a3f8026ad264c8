import { CommanderError } from 'commander';
import { ConfigError } from '../config/findings.ts';
import { buildProgram } from './program.ts';
import { UserError } from './user-error.ts';

/**
 * Runs one command line.
 *
 * @param args without the names of node and of the script
 * @returns the exit code: 0 done, 1 could not be done, 2 wrong arguments or configuration
 */
export async function run(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // commander has said already what was wrong; its code 0 stands for help and version.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`bellwether: ${describe(error, args.includes('--debug'))}\n`);
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return 2;
  return error instanceof UserError ? error.exitCode : 1;
}

function describe(error: unknown, withStack: boolean): string {
  if (!(error instanceof Error)) return String(error);
  if (withStack && error.stack !== undefined) return error.stack;
  return error.message;
}
