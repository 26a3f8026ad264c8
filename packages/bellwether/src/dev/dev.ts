import { fileURLToPath } from 'node:url';
import type { NodeProgram } from './child-node.ts';
import { numberOfNodes, prepareDirectory } from './data-directory.ts';
import { DevCluster } from './dev-cluster.ts';
import { layOut } from './dev-layout.ts';
import { awaitLeftovers } from './leftovers.ts';
import { checkPorts } from './ports.ts';
import { type Screen, screenFor } from './screen.ts';

export interface DevOptions {
  /** undefined: as many as the data directory has, or three. */
  readonly nodes?: number;
  /** The first client port. */
  readonly port: number;
  /** Directory of all data; relative to the current one. */
  readonly data: string;
  /** Start a node again when its process ends. */
  readonly restart: boolean;
}

const SERVE: NodeProgram = {
  args: [fileURLToPath(new URL('../cli.js', import.meta.url)), 'serve', '--supervised'],
};

/**
 * Runs a local cluster until it is told to stop.
 *
 * @returns the exit code
 * @throws UserError when a port is taken or the data directory does not fit
 */
export async function dev(options: DevOptions, program: NodeProgram = SERVE): Promise<number> {
  const count = numberOfNodes(options.data, options.nodes);
  const nodes = layOut(count, options.port, options.data);
  await awaitLeftovers(options.data, nodes);
  await checkPorts(nodes);
  prepareDirectory(options.data, nodes);

  const screen = screenFor(process.stdout);
  noteTolerance(count, screen);
  const cluster = new DevCluster({
    nodes,
    directory: options.data,
    program,
    whenChildEnds: options.restart ? 'restart' : 'report',
    screen,
  });
  const onSignal = (signal: NodeJS.Signals): void => {
    screen.line(`${signal}: stopping ${count === 1 ? 'the node' : `${count} nodes`}`);
    cluster.stop(0);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  const exitCode = await cluster.run();
  screen.close();
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('SIGHUP', onSignal);
  return exitCode;
}

function noteTolerance(count: number, screen: Screen): void {
  if (count % 2 === 1) return;
  const failures = count / 2 - 1;
  const tolerates = failures === 0 ? 'stop when either fails' : `go on after ${failures} failed`;
  const instead = count === 2 ? 'one alone is as safe' : `so do ${count - 1}`;
  screen.line(`note: ${count} nodes ${tolerates}, and ${instead}; an odd number is better`);
}
