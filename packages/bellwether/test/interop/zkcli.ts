import { zkCli } from './requirements.ts';
import { ServerProcess } from './server-process.ts';

/** Runs zkCli.sh with the commands on its standard input; returns all that it printed. */
export async function runZkCli(server: string, commands: readonly string[]): Promise<string> {
  const cli = new ServerProcess([zkCli.program, '-server', server]);
  try {
    // Commands sent before the session is there would fail with ConnectionLoss.
    await cli.waitForOutput(/WatchedEvent state:SyncConnected/);
    commands.forEach((command) => cli.writeLine(command));
    cli.writeLine('quit');
    await cli.waitForEnd();
    return cli.output;
  } finally {
    await cli.end('SIGKILL');
  }
}
