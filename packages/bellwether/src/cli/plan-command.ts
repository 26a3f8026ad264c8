import { type Command, Option } from 'commander';
import { type Knob, KNOBS } from '../plan/knobs.ts';
import { plan, type PlanOptions } from './plan.ts';

const PLAN_HELP = `
TIME is a number and a unit: us, ms, s, m, h, d, w, y (30d, 1.5h, 1h30m), or "never". What is not
given comes from --config, or is assumed; the assumptions are listed. --model textbook computes the
textbook's formula instead, from --heartbeat, --election, --sync and --period.
docs/availability.md explains all of it.
`;

const VALUES: Readonly<Record<Knob['kind'], string>> = {
  duration: 'time',
  count: 'n',
  percent: 'percent',
  bytes: 'bytes',
};

export function addPlan(program: Command, onExitCode: (code: number) => void): void {
  const command = program
    .command('plan')
    .description('say how available a cluster will be, and what would make it more so')
    .option('--config <file>', 'for the cluster of this configuration')
    .option('--measured <url>', "with the figures of a live cluster, from a node's admin server")
    .option('--json', 'for programs', false)
    .option('--html <file>', 'write a report with plots, as one file that needs no other')
    .option('--plots <dir>', 'write the plots as SVG files');
  for (const { name, kind, what } of KNOBS) command.option(`--${name} <${VALUES[kind]}>`, what);
  command
    .addOption(
      new Option('--model <model>', 'which one')
        .choices(['default', 'textbook'])
        .default('default'),
    )
    .option('--election <time>', 'of the textbook model', '1s')
    .option('--sync <time>', 'of the textbook model', '2s')
    .option('--period <time>', 'of the textbook model: time with one failure', '100s')
    .addHelpText('after', PLAN_HELP)
    .action(async (options: PlanOptions) => onExitCode(await plan(options)));
}
