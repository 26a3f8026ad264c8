import { type Command, InvalidArgumentError } from 'commander';
import { DURATION_HELP, parseDuration } from '../report/duration.ts';
import { type MeasureOptions, showMeasurement } from './measure.ts';
import { serversArgument, wholeArgument } from './arguments.ts';

const RATE_MAX = 10_000;
const KILLS_MAX = 10_000;

const MEASURE_HELP = `
Writes and reads are sent to every node at a fixed rate, whether or not earlier ones were answered. They
go to znodes below /bellwether-measure, which are removed at the end.

--kill needs the nodes of a "bellwether dev --restart", in order, and its --data directory: whoever leads
is killed with SIGKILL, both of its processes at once, as soon as the one before is back.
`;

export function addMeasure(program: Command, onExitCode: (code: number) => void): void {
  program
    .command('measure')
    .description('measure from outside how available a running cluster is')
    .requiredOption('--server <host:port,...>', 'every node', serversArgument)
    .option('--for <time>', 'how long (default: 1m)', timeArgument, 60_000)
    .option('--rate <n>', 'writes, and reads, a second on every node', rateArgument, 100)
    .option('--kill <n>', 'kill the leader so many times, instead of --for', killsArgument)
    .option('--data <dir>', 'of the "bellwether dev" whose leaders are killed', '.bellwether')
    .option('--settle <time>', 'between a cluster that is whole and a kill', timeArgument, 500)
    .option('--json', 'for programs', false)
    .addHelpText('after', MEASURE_HELP)
    .action(async (options: MeasureOptions) => onExitCode(await showMeasurement(options)));
}

function timeArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0 && ms < Infinity) return ms;
  throw new InvalidArgumentError(`Write ${DURATION_HELP}, above 0.`);
}

function rateArgument(text: string): number {
  return wholeArgument(text, 1, RATE_MAX);
}

function killsArgument(text: string): number {
  return wholeArgument(text, 1, KILLS_MAX);
}
