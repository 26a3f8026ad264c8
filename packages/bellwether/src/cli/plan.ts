import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadConfig } from '../config/load-config.ts';
import { knobValue } from '../plan/knob-values.ts';
import { KNOBS } from '../plan/knobs.ts';
import { withLiveCluster } from '../plan/live-cluster.ts';
import { planPlots } from '../plan/plan-charts.ts';
import { planHtml } from '../plan/plan-html.ts';
import { planJson } from '../plan/plan-json.ts';
import { planReport } from '../plan/plan-report.ts';
import {
  assumedScenario,
  checkedPlan,
  type PlanScenario,
  withConfig,
  withOptions,
} from '../plan/plan-scenario.ts';
import { planText } from '../plan/plan-text.ts';
import { textbookText } from '../plan/textbook-text.ts';
import { UserError } from './user-error.ts';

/** As commander names them: those of KNOBS are texts, in camel case. */
export interface PlanOptions {
  readonly config?: string;
  /** URL of an admin server. */
  readonly measured?: string;
  readonly model: 'default' | 'textbook';
  readonly election: string;
  readonly sync: string;
  readonly period: string;
  readonly json: boolean;
  readonly html?: string;
  /** A directory. */
  readonly plots?: string;
  readonly [knob: string]: string | boolean | undefined;
}

/**
 * Says how available a cluster will be.
 *
 * @throws ConfigError; UserError when the input cannot be or the report cannot be written
 */
export async function plan(options: PlanOptions): Promise<number> {
  if (options.model === 'textbook') {
    process.stdout.write(textbook(options));
    return 0;
  }
  const report = planReport(await scenarioOf(options));
  process.stdout.write(options.json ? planJson(report) : planText(report));
  if (options.html !== undefined) {
    writeReport(options.html, planHtml(report));
    if (!options.json) process.stdout.write(`\nthe report with plots is in ${options.html}\n`);
  }
  if (options.plots !== undefined) {
    const plots = planPlots(report.scenario);
    for (const { name, svg } of plots) writeReport(join(options.plots, `${name}.svg`), `${svg}\n`);
  }
  return 0;
}

async function scenarioOf(options: PlanOptions): Promise<PlanScenario> {
  let scenario = assumedScenario();
  if (options.config !== undefined)
    scenario = withConfig(scenario, loadConfig(options.config).config);
  if (options.measured !== undefined) scenario = await withLiveCluster(scenario, options.measured);
  return checkedPlan(withOptions(scenario, textsOf(options)));
}

function textsOf(options: PlanOptions): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { name } of KNOBS) {
    const value = options[camelCase(name)];
    if (typeof value === 'string') texts.set(name, value);
  }
  return texts;
}

/** As commander makes of "zone-mtbf". */
function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function textbook(options: PlanOptions): string {
  const duration = (name: string, text: string): number =>
    knobValue({ name, kind: 'duration', fields: [name], what: '' }, text);
  const heartbeat = typeof options['heartbeat'] === 'string' ? options['heartbeat'] : '1s';
  return textbookText(
    {
      heartbeatMs: duration('heartbeat', heartbeat),
      electionMs: duration('election', options.election),
      synchronisationMs: duration('sync', options.sync),
      periodMs: duration('period', options.period),
    },
    options.json ? 'json' : 'text',
  );
}

function writeReport(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`cannot write ${file} (${reason}): choose another place`);
  }
}
