import { Command, Option } from 'commander';
import { ADMIN_PATH_DEFAULT, ADMIN_PORT_DEFAULT } from '../config/defaults.ts';
import { DEV_NODES_MAX } from '../dev/dev-layout.ts';
import { dev, type DevOptions } from '../dev/dev.ts';
import { portArgument, serversArgument, wholeArgument, timeoutArgument } from './arguments.ts';
import { addMeasure } from './measure-command.ts';
import { addMembers } from './members-command.ts';
import { addPlan } from './plan-command.ts';
import { serve, type ServeOptions } from './serve.ts';
import { type FailoversOptions, showFailovers } from './failovers.ts';
import { simulate } from './simulate.ts';
import { showStatus, type StatusOptions } from './status.ts';
import { transfer, type TransferOptions } from './transfer.ts';
import { packageVersion } from './version.ts';

const EXAMPLES = `
Examples:
  bellwether dev                       three nodes on this machine, clients on ports 2181 to 2183
  bellwether serve /etc/bellwether.yaml
  bellwether serve zoo.cfg             a configuration of ZooKeeper works as it is
  bellwether status --server db1:2181,db2:2181
  bellwether plan --nodes 5 --mtbf 90d --html report.html
  bellwether simulate --seeds 10000 --minutes 10

Exit codes: 0 done, 1 it could not be done, 2 wrong arguments or configuration,
70 a node ended by itself, because going on would not be safe.
`;

const SERVE_HELP = `
CONFIG is Bellwether's own YAML (docs/configuration.md) or a ZooKeeper zoo.cfg, told apart by their
names (.yaml, .yml; .cfg, .conf, .properties) or else by their contents. All mistakes in it are
reported at once. The log goes to standard error. SIGINT and SIGTERM stop the node cleanly.
`;

const DEV_HELP = `
Every node is a process of its own. With --port 2181 and three nodes, clients connect to 2181, 2182
and 2183, and the nodes to each other at 2184, 2185 and 2186. DIR/pids has a line "<node> <pid>" for
every process, so that one can be killed; DIR/node-<n>/log.txt is what it had to say.
Ctrl-C stops all of them; the data stays.
`;

const TRANSFER_HELP = `
Clients of the other nodes notice a pause of a few ms. The nodes need an admin server (admin in the
configuration), which takes this from its own machine only unless admin.changes says otherwise.
A leader that is stopped with SIGTERM hands over by itself.
`;

const FAILOVERS_HELP = `
Every node tells what it has seen itself since it was started, the newest 100. The phases, in ms:
  suspect   until somebody campaigned         catch up  until everything of before was applied here
  confirm   until the others had agreed       serve     until the first waiting write was committed
  elect     until a leader was known
`;

const NODE_ID_MAX = 2 ** 32 - 1;

/** @param onExitCode is told the command's exit code when it ran to its end */
export function buildProgram(onExitCode: (code: number) => void): Command {
  const program = new Command('bellwether')
    .description("A highly available single-leader cluster that speaks ZooKeeper's protocol.")
    .option('--debug', 'show the stack of an error')
    .version(packageVersion(), '-V, --version', 'print the version')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(bellwether --help tells more)')
    .exitOverride();
  addDev(program, onExitCode);
  addServe(program, onExitCode);
  addStatus(program, onExitCode);
  addFailovers(program, onExitCode);
  addMembers(program, onExitCode);
  addTransfer(program, onExitCode);
  addPlan(program, onExitCode);
  addMeasure(program, onExitCode);
  addSimulate(program, onExitCode);
  program
    .command('version')
    .description('print the version')
    .action(() => {
      process.stdout.write(`${packageVersion()}\n`);
    });
  return program;
}

function addDev(program: Command, onExitCode: (code: number) => void): void {
  program
    .command('dev')
    .description('run a local cluster of real processes, to try things out')
    .option('--nodes <n>', `how many, 1 to ${DEV_NODES_MAX} (default: 3)`, nodesArgument)
    .option('--port <port>', "the first node's client port, the others' follow", portArgument, 2181)
    .option('--data <dir>', 'where the nodes keep their data', '.bellwether')
    .option('--restart', 'start a node again when its process ends', false)
    .addHelpText('after', DEV_HELP)
    .action(async (options: DevOptions) => onExitCode(await dev(options)));
}

function addServe(program: Command, onExitCode: (code: number) => void): void {
  program
    .command('serve <CONFIG>')
    .description('run one node')
    .option('--check', 'only check the configuration', false)
    .addOption(new Option('--supervised', 'report to the parent process').hideHelp().default(false))
    .addHelpText('after', SERVE_HELP)
    .action(async (file: string, options: ServeOptions) => onExitCode(await serve(file, options)));
}

function addStatus(program: Command, onExitCode: (code: number) => void): void {
  program
    .command('status')
    .description('ask servers how they are (Bellwether or ZooKeeper)')
    .option('--server <host:port,...>', 'whom to ask', serversArgument, [
      { host: '127.0.0.1', port: 2181 },
    ])
    .option('--word <word>', 'the four-letter word to ask with: srvr, mntr, stat', 'srvr')
    .option('--timeout <ms>', 'how long to wait for an answer', timeoutArgument, 3_000)
    .action(async (options: StatusOptions) => onExitCode(await showStatus(options)));
}

function addTransfer(program: Command, onExitCode: (code: number) => void): void {
  program
    .command('transfer')
    .description('have the leader hand over to another node')
    .option('--to <id>', 'the node that is to lead (default: the best of the others)', nodeArgument)
    .option('--admin <host:port,...>', 'admin servers, the leader among them', serversArgument, [
      { host: '127.0.0.1', port: ADMIN_PORT_DEFAULT },
    ])
    .option('--path <path>', "the admin servers' path", ADMIN_PATH_DEFAULT)
    .option('--timeout <ms>', 'how long to wait for an answer', timeoutArgument, 5_000)
    .addHelpText('after', TRANSFER_HELP)
    .action(async (options: Omit<TransferOptions, 'to'> & { readonly to?: number }) => {
      onExitCode(await transfer({ ...options, to: options.to }));
    });
}

function addFailovers(program: Command, onExitCode: (code: number) => void): void {
  program
    .command('failovers')
    .description('show who led when, why that changed, and how long each phase took')
    .option('--server <host:port,...>', 'whom to ask', serversArgument, [
      { host: '127.0.0.1', port: 2181 },
    ])
    .option('--json', 'all of it, for programs', false)
    .option('--timeout <ms>', 'how long to wait for an answer', timeoutArgument, 3_000)
    .addHelpText('after', FAILOVERS_HELP)
    .action(async (options: FailoversOptions) => onExitCode(await showFailovers(options)));
}

/** Its options are the simulator's own; so is its help. */
function addSimulate(program: Command, onExitCode: (code: number) => void): void {
  program
    .command('simulate')
    .description('run clusters in a deterministic world of faults (package @bellwether/simulator)')
    .argument('[option...]', "the simulator's, e.g. --seeds 10000 --minutes 10")
    .allowUnknownOption()
    .helpOption(false)
    .action(async (args: readonly string[]) => onExitCode(await simulate(args)));
}

function nodesArgument(text: string): number {
  return wholeArgument(text, 1, DEV_NODES_MAX);
}

function nodeArgument(text: string): number {
  return wholeArgument(text, 1, NODE_ID_MAX);
}
