/*
 * A node that serves is two processes (see @bellwether/cluster/process). This is all that is loaded into the
 * first one, besides the consensus.
 */
import { fileURLToPath } from 'node:url';
import { hostService, SERVICE_CHANNEL_FD, type ServiceEnding } from '@bellwether/cluster/process';
import { EXIT_FATAL } from '../exit-codes.ts';

/** Tells the second process that it is the second. */
export const CONSENSUS_FD_VARIABLE = 'BELLWETHER_CONSENSUS_FD';

/** What only reads, and says something. */
const NOT_SERVING: readonly string[] = ['--check', '--help', '-h'];

/** @param args of the command line, without the names of node and of the script */
export function isFirstProcess(args: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const command = args.find((arg) => !arg.startsWith('-'));
  if (command !== 'serve' || args.some((arg) => NOT_SERVING.includes(arg))) return false;
  return env[CONSENSUS_FD_VARIABLE] === undefined;
}

/**
 * Runs the same command line in a second process, which is the service, and its consensus in this one.
 *
 * @returns the exit code of the node
 */
export async function startSecond(args: readonly string[]): Promise<number> {
  const script = fileURLToPath(new URL('../cli.js', import.meta.url));
  try {
    const ending = await hostService({
      file: process.execPath,
      args: [...process.execArgv, script, ...args],
      env: { ...process.env, [CONSENSUS_FD_VARIABLE]: String(SERVICE_CHANNEL_FD) },
      isSupervised: process.send !== undefined,
    });
    return exitCodeOf(ending);
  } catch (error) {
    process.stderr.write(`bellwether: the consensus failed: ${describe(error)}\n`);
    return EXIT_FATAL;
  }
}

function exitCodeOf({ code, signal }: ServiceEnding): number {
  if (signal === null) return code ?? EXIT_FATAL;
  process.stderr.write(
    `bellwether: stopped, because the node's service process was killed by ${signal}\n`,
  );
  return EXIT_FATAL;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
