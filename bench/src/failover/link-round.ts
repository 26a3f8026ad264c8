import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ensemble } from '../ensemble.ts';
import { LINK_BAD_MS, QUIET_AFTER_MS, SETTLE_MS } from '../limits.ts';
import type { Stage } from './faults.ts';
import { LeadershipWatch } from './leadership-watch.ts';
import type { LinkCase, Roles } from './link-cases.ts';
import type { NetworkSite } from './sites.ts';
import { checkEverywhere } from './round.ts';
import { Writer } from './writer.ts';

/** What a bad link, or a follower in trouble, looked like from outside. */
export interface LinkResult {
  readonly leaderChanges: number;
  /** Longest time between two acknowledged writes, in ms, through each of the servers. */
  readonly gapMs: Readonly<Record<keyof Roles, number>>;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly doubled: number;
  readonly lost: number;
}

/** Writes through all servers that clients can reach, while something is wrong beside the leader. */
export async function runLinkRound(
  stage: Stage & { readonly site: NetworkSite },
  linkCase: LinkCase,
  number: number,
): Promise<LinkResult> {
  const { ensemble } = stage;
  await ensemble.waitUntilReady();
  const roles = await rolesIn(ensemble, number);
  const writers = await startWriters(stage, linkCase, roles, number);
  await sleep(SETTLE_MS);
  const watch = await LeadershipWatch.start(stage);
  const struckMs = performance.now();
  const repair = await linkCase.strike(stage.site.network, ensemble, roles);
  await sleep(LINK_BAD_MS);
  await repair();
  await ensemble.waitUntilReady();
  await sleep(QUIET_AFTER_MS);
  const gapOf = (role: keyof Roles): number =>
    writers.get(role)?.writer.longestGap(struckMs).ms ?? 0;
  const gapMs = { leader: gapOf('leader'), well: gapOf('well'), struck: gapOf('struck') };
  const leaderChanges = await watch.stop();
  for (const { name, writer } of writers.values()) {
    await writer.stop();
    await checkEverywhere(stage, name, writer);
  }
  ensemble.assertRunning();
  const all = [...writers.values()].map(({ writer }) => writer);
  return {
    leaderChanges,
    gapMs,
    failed: all.reduce((sum, { failures }) => sum + failures.length, 0),
    failures: all.flatMap(({ failures }) => failures),
    doubled: all.reduce((sum, { doubled }) => sum + doubled, 0),
    lost: all.reduce((sum, { lost }) => sum + lost, 0),
  };
}

/** The followers take turns at being struck. */
async function rolesIn(ensemble: Ensemble, number: number): Promise<Roles> {
  const leader = await ensemble.findLeader();
  if (leader === undefined) throw new Error('there is no leader');
  const followers = ensemble.hosts.map((_host, position) => position).filter((p) => p !== leader);
  const [struck, well] = number % 2 === 0 ? followers : followers.reverse();
  return { leader, struck: struck!, well: well! };
}

async function startWriters(
  { system, ensemble }: Stage,
  linkCase: LinkCase,
  roles: Roles,
  number: number,
): Promise<ReadonlyMap<keyof Roles, { readonly name: string; readonly writer: Writer }>> {
  const writers = new Map<keyof Roles, { readonly name: string; readonly writer: Writer }>();
  for (const role of ['leader', 'well', 'struck'] as const) {
    if (role === 'struck' && !linkCase.isInReach) continue;
    const name = `bellwether-${linkCase.name}-${number}-${role}`;
    const writer = new Writer(system.openRegister(ensemble.hosts[roles[role]]!, name));
    await writer.start();
    writers.set(role, { name, writer });
  }
  return writers;
}
