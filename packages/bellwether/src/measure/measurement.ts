import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../cli/ask-word.ts';
import { UserError } from '../cli/user-error.ts';
import type { Kill, Measurement } from './analysis.ts';
import { killWhole, type Leader, type LeaderKiller } from './leader-killer.ts';
import { nodeFigures } from './node-figures.ts';
import { NodeProber, type Probe } from './node-prober.ts';
import { pace } from './pacer.ts';

/** Probes sent right after a kill would reach a process that is still dying. */
const AFTER_KILL_MS = 1;
const RECOVERY_MS_MAX = 30_000;
const CLOSE_MS_MAX = 5_000;

export interface MeasureSettings {
  readonly servers: readonly Server[];
  /** Writes, and as many reads, on every node. */
  readonly perSecond: number;
  /** How long, without kills. */
  readonly forMs: number;
  readonly kills: number;
  /** Between a cluster that is whole and the next kill. */
  readonly settleMs: number;
  /** Undefined without kills. */
  readonly killer: LeaderKiller | undefined;
  /** After each kill. */
  readonly onKill: (done: number, kill: Kill) => void;
}

/**
 * Probes every node for the given time, or until the kills are done.
 *
 * @throws UserError when a node cannot be reached, or does not come back after a kill
 */
export async function measure(settings: MeasureSettings): Promise<Measurement> {
  const probes: Probe[] = [];
  const probers = settings.servers.map(
    (server, node) => new NodeProber(server, node, (probe) => probes.push(probe)),
  );
  await Promise.all(probers.map((prober, node) => start(prober, settings.servers[node])));
  const startedMs = performance.now();
  const stops = probers.map((prober) => paceProbes(prober, settings.perSecond));
  try {
    const kills = await killLeaders(settings, probers);
    if (settings.killer === undefined) await sleep(settings.forMs);
    const endedMs = performance.now();
    return { startedMs, endedMs, perSecond: settings.perSecond, probes, kills };
  } finally {
    for (const stop of stops) stop();
    await Promise.all(probers.map((prober) => prober.stop()));
  }
}

/** Half a beat apart: on one connection a read that is sent with a write would wait for it. */
function paceProbes(prober: NodeProber, perSecond: number): () => void {
  let isWrite = false;
  return pace(2 * perSecond, () => {
    isWrite = !isWrite;
    void prober.probe(isWrite ? 'write' : 'read');
  });
}

async function start(prober: NodeProber, server: Server | undefined): Promise<void> {
  try {
    await prober.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${server?.host}:${server?.port} cannot be measured: ${reason}`);
  }
}

async function killLeaders(
  settings: MeasureSettings,
  probers: readonly NodeProber[],
): Promise<readonly Kill[]> {
  const { killer } = settings;
  if (killer === undefined) return [];
  const kills: Kill[] = [];
  while (kills.length < settings.kills) {
    await killer.untilWhole();
    await allConnected(probers);
    const figures = await Promise.all(settings.servers.map(nodeFigures));
    const calmFromMs = performance.now();
    // A different moment between two heartbeats, and between two probes, each time.
    await sleep(settings.settleMs * (0.75 + 0.5 * Math.random()));
    const seen = await killAndWatch(await killer.untilWhole(), probers);
    const kill = { ...seen, calmFromMs, figures };
    kills.push(kill);
    settings.onKill(kills.length, kill);
  }
  await killer.untilWhole();
  return kills;
}

async function allConnected(probers: readonly NodeProber[]): Promise<void> {
  while (!probers.every(({ isConnected }) => isConnected)) await sleep(5);
}

async function killAndWatch(
  leader: Leader,
  probers: readonly NodeProber[],
): Promise<Omit<Kill, 'calmFromMs' | 'figures'>> {
  const { node } = leader;
  const killed = probers[node];
  if (killed === undefined) throw new UserError(`--server names no node ${node + 1}`);
  const survivors = probers.filter((prober) => prober !== killed);
  const atMs = performance.now();
  killWhole(leader);
  while (performance.now() < atMs + AFTER_KILL_MS) await Promise.resolve();
  const [closedAfterMs, ...recoveriesMs] = await Promise.all([
    closing(killed, atMs),
    ...survivors.map((prober) => recovery(prober, atMs)),
  ]);
  return { atMs, node, closedAfterMs, recoveriesMs };
}

async function closing(killed: NodeProber, atMs: number): Promise<number> {
  while (killed.lostMs < atMs) {
    if (performance.now() > atMs + CLOSE_MS_MAX) {
      throw new UserError('the connection to a node that was killed stays open');
    }
    await sleep(0);
  }
  return killed.lostMs - atMs;
}

/** Until the first write that was sent after the kill is acknowledged; the first one usually waits for it. */
async function recovery(prober: NodeProber, atMs: number): Promise<number> {
  for (;;) {
    const probe = await prober.probe('write');
    if (probe.outcome === 'done') return probe.endedMs - atMs;
    if (performance.now() > atMs + RECOVERY_MS_MAX) {
      throw new UserError(`no write was acknowledged in ${RECOVERY_MS_MAX / 1_000} s after a kill`);
    }
    await sleep(1);
  }
}
