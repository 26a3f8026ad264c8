import { ClientProcesses } from '../client-processes.ts';
import { Ensemble } from '../ensemble.ts';
import { NODES } from '../limits.ts';
import { FAULTS, type Fault, type Stage } from './faults.ts';
import { fillTree } from './fill-tree.ts';
import { LINK_CASES, type LinkCase } from './link-cases.ts';
import { runLinkRound, type LinkResult } from './link-round.ts';
import { runLoadRound, type LoadRoundResult } from './load-round.ts';
import type { FailoverOptions } from './options.ts';
import type { FailoverResult } from './report.ts';
import { runRound, type Background, type RoundResult } from './round.ts';
import { makeSite, type SiteName } from './sites.ts';
import type { FailoverSystem } from './systems.ts';

type Say = (text: string) => void;

/** Sessions among which the background load is spread. */
const LOAD_SESSIONS_MAX = 10;

/** Whatever was measured of one system, site after site. */
interface Findings {
  readonly cases: { readonly fault: Fault; readonly rounds: RoundResult[] }[];
  readonly links: { readonly linkCase: LinkCase; readonly rounds: LinkResult[] }[];
  load: LoadRoundResult | undefined;
}

/** All cases on one system; servers are started for each kind of surroundings that they need. */
export async function measureSystem(
  system: FailoverSystem,
  options: FailoverOptions,
  say: Say,
): Promise<FailoverResult> {
  const findings: Findings = { cases: [], links: [], load: undefined };
  for (const site of ['loopback', 'injected', 'network'] as const) {
    await measureAt(site, system, options, findings, say);
  }
  const order = ({ fault }: { readonly fault: Fault }): number => FAULTS.indexOf(fault);
  findings.cases.sort((a, b) => order(a) - order(b));
  return { name: system.name, version: system.version, ...findings };
}

async function measureAt(
  siteName: SiteName,
  system: FailoverSystem,
  options: FailoverOptions,
  findings: Findings,
  say: Say,
): Promise<void> {
  const { cases } = options;
  const faults = FAULTS.filter(
    (fault) => fault.site === siteName && cases.includes(fault.name) && fault.isPossible(system),
  );
  const links = siteName === 'network' ? LINK_CASES.filter(({ name }) => cases.includes(name)) : [];
  const isLoadWanted = siteName === 'loopback' && cases.includes('load');
  if (faults.length + links.length === 0 && !isLoadWanted) return;
  const site = makeSite(siteName, NODES, options.dataDirectory);
  if ('missing' in site) {
    const left = [...faults, ...links].map(({ name }) => name).join(', ');
    return say(`${system.name}: left out: ${left}: ${site.missing}`);
  }
  say(`starting ${system.name} ${system.version} (${siteName})`);
  try {
    const ensemble = await Ensemble.start(system, options.dataDirectory, site);
    try {
      if (options.znodes > 0 && system.hasTree) {
        await fillTree(ensemble.hosts[0]!, options.znodes, say);
      }
      const stage = { system, ensemble, site };
      await measureFaults(stage, faults, options, findings, say);
      await measureLinks(stage, links, options, findings, say);
      if (isLoadWanted) findings.load = await measureLoad(stage, options, say);
    } finally {
      await ensemble.stop();
    }
  } finally {
    site.destroy();
  }
}

async function measureFaults(
  stage: Stage,
  faults: readonly Fault[],
  options: FailoverOptions,
  findings: Findings,
  say: Say,
): Promise<void> {
  const background = stage.system.hasTree ? backgroundOf(options) : undefined;
  for (const fault of faults) {
    const rounds: RoundResult[] = [];
    findings.cases.push({ fault, rounds });
    for (let number = 1; number <= options.rounds; number += 1) {
      const result = await runRound(stage, fault, number, background);
      const gap = `${result.gapMs.toFixed(1)} ms`;
      say(`${stage.system.name}, leader ${fault.title}, ${number}: ${gap}${whatWentWrong(result)}`);
      rounds.push(result);
    }
  }
  await background?.clients.stop();
}

async function measureLinks(
  stage: Stage,
  links: readonly LinkCase[],
  options: FailoverOptions,
  findings: Findings,
  say: Say,
): Promise<void> {
  const { site } = stage;
  if (site.name !== 'network') return;
  for (const linkCase of links) {
    const rounds: LinkResult[] = [];
    findings.links.push({ linkCase, rounds });
    for (let number = 1; number <= options.rounds; number += 1) {
      const result = await runLinkRound({ ...stage, site }, linkCase, number);
      const { leader, well, struck } = result.gapMs;
      const gaps = [leader, well, struck].map((ms) => ms.toFixed(0)).join(', ');
      const changes = `${result.leaderChanges} leader changes, interruptions ${gaps} ms`;
      say(`${stage.system.name}, ${linkCase.title}, ${number}: ${changes}${whatWentWrong(result)}`);
      rounds.push(result);
    }
  }
}

async function measureLoad(
  stage: Stage,
  { minutes }: FailoverOptions,
  say: Say,
): Promise<LoadRoundResult> {
  say(`${stage.system.name}, ${minutes} minutes of full load`);
  const result = await runLoadRound(stage, minutes);
  say(`${stage.system.name}, full load: ${result.leaderChanges} leader changes`);
  return result;
}

function backgroundOf(options: FailoverOptions): Background | undefined {
  if (options.load === 0) return undefined;
  const clients = Math.min(LOAD_SESSIONS_MAX, options.load);
  const window = Math.ceil(options.load / clients);
  const load = { name: 'background', operation: 'set', clients, window, dataBytes: 100 } as const;
  return { clients: new ClientProcesses(1), load: { ...load, readPercent: 0 } };
}

function whatWentWrong(result: {
  readonly failed: number;
  readonly failures: readonly string[];
  readonly doubled: number;
  readonly lost: number;
}): string {
  const { failed, doubled, lost, failures } = result;
  const bad = failed + doubled + lost === 0 ? '' : `, ${failed} failed (${failures[0] ?? 'load'})`;
  const wrong = doubled + lost === 0 ? '' : `, ${doubled} doubled, ${lost} LOST`;
  return `${bad}${wrong}`;
}
