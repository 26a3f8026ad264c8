import { DETECTOR_LIMITS, type Failover } from '@bellwether/cluster';
import { z } from 'zod';
import { UserError } from '../cli/user-error.ts';
import { type FieldValue, type PlanScenario, withValues } from './plan-scenario.ts';

const ASK_MS_MAX = 5_000;
/** Fewer failovers than this say little about the way between nodes. */
const FAILOVERS_MIN = 3;

const FIGURES = z.object({
  voters: z.number(),
  learners: z.number(),
  tick_ms: z.number(),
  heartbeat_ms: z.number(),
  silence_ms_min: z.number(),
  silence_ms_max: z.number(),
  silence_bound_ms: z.number().nullable(),
  flush_ms_mean: z.number().nullable(),
});

const FAILOVERS = z.object({
  failovers: z.array(
    z.object({
      cause: z.string(),
      totalMs: z.number(),
      phasesMs: z.object({ confirm: z.number() }),
    }),
  ),
});

const MONITOR = z.object({
  server_state: z.string(),
  avg_updatelatency: z.number(),
  cnt_updatelatency: z.number(),
});

type Figures = z.infer<typeof FIGURES>;
type PastFailover = Pick<Failover, 'totalMs'> & {
  readonly cause: string;
  readonly phasesMs: { readonly confirm: number };
};

/**
 * What one node of a live cluster says: its timing, its mean flush, the silence that it has learned to bear,
 * and the way between nodes, from past failovers or else from the latency of writes.
 *
 * @param url of the admin server: "http://db1:8080", with the path of its commands if that is another
 * @throws UserError when it does not answer, or not like a node of Bellwether
 */
export async function withLiveCluster(plan: PlanScenario, url: string): Promise<PlanScenario> {
  const base = commandsUrl(url);
  const figures = await ask(base, 'figures', FIGURES);
  const { failovers } = await ask(base, 'failovers', FAILOVERS);
  const monitor = await ask(base, 'monitor', MONITOR);
  const flushMs = figures.flush_ms_mean ?? plan.scenario.machine.flushMs;
  const tripMs = tripOf(failovers, monitor, flushMs);
  const values: readonly FieldValue[] = [
    ['members.voters', figures.voters],
    ['members.electable', figures.voters],
    ['timing.tickMs', figures.tick_ms],
    ['timing.heartbeatMs', figures.heartbeat_ms],
    ['timing.silenceMsMin', figures.silence_ms_min],
    ['timing.silenceMsMax', figures.silence_ms_max],
    ['machine.flushMs', flushMs],
    ...jitterOf(figures),
    ...(tripMs === undefined ? [] : wayOf(plan, tripMs)),
  ];
  const notes = [...plan.notes, ...failoverNotes(failovers)];
  return { ...withValues(plan, values, 'measured'), notes };
}

function commandsUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UserError(
      `--measured is "${text}": write the admin server's URL, http://host:8080`,
      2,
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UserError(`--measured is "${text}": it must begin with http:// or https://`, 2);
  }
  return url.pathname === '/'
    ? `${url.origin}/commands`
    : `${url.origin}${url.pathname.replace(/\/$/, '')}`;
}

async function ask<T>(base: string, command: string, schema: z.ZodType<T>): Promise<T> {
  const url = `${base}/${command}`;
  let answer: unknown;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_MS_MAX) });
    answer = await response.json();
  } catch (error) {
    const reason = error instanceof Error ? (error.cause ?? error) : error;
    const why = reason instanceof Error ? reason.message : String(reason);
    throw new UserError(`${url} cannot be read: ${why}`);
  }
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const { error } = z.object({ error: z.string() }).safeParse(answer).data ?? {};
  throw new UserError(
    `${url} does not answer like a node of Bellwether: ${error ?? 'unknown fields'}`,
  );
}

/** The bound holds some missed heartbeats and some times the jitter; unless it is at its least. */
function jitterOf(figures: Figures): readonly FieldValue[] {
  const { silence_bound_ms: boundMs, heartbeat_ms: heartbeatMs } = figures;
  if (boundMs === null) return [];
  const { beatsMissed, jitterFactor } = DETECTOR_LIMITS;
  const jitterMs = Math.max(0, (boundMs - beatsMissed * heartbeatMs) / jitterFactor);
  return [['machine.jitterMs', jitterMs]];
}

/**
 * A message between nodes, ms: the others' agreement takes two, with nothing else in it. Without enough
 * failovers: a write takes a flush and two messages, and through a follower two more.
 */
function tripOf(
  failovers: readonly PastFailover[],
  monitor: z.infer<typeof MONITOR>,
  flushMs: number,
): number | undefined {
  const confirmed = failovers
    .filter(({ phasesMs }) => phasesMs.confirm > 0)
    .map(({ phasesMs }) => phasesMs.confirm)
    .sort((a, b) => a - b);
  const median = confirmed[Math.floor(confirmed.length / 2)];
  if (median !== undefined && confirmed.length >= FAILOVERS_MIN) return median / 2;
  if (monitor.cnt_updatelatency === 0) return undefined;
  const messages = monitor.server_state === 'leader' ? 2 : 4;
  return Math.max(0, monitor.avg_updatelatency - flushMs) / messages;
}

/** What is more than a hop takes is the network's. */
function wayOf({ scenario }: PlanScenario, tripMs: number): readonly FieldValue[] {
  const hopMs = Math.min(tripMs, scenario.machine.hopMs);
  return [
    ['machine.hopMs', hopMs],
    ['machine.rttMs', 2 * (tripMs - hopMs)],
  ];
}

function failoverNotes(failovers: readonly PastFailover[]): readonly string[] {
  const past = failovers.filter(({ cause }) => cause !== 'start');
  if (past.length === 0) return ['this node has seen no failover since it was started'];
  const meanMs = past.reduce((sum, { totalMs }) => sum + totalMs, 0) / past.length;
  const many = past.length === 1 ? 'the one failover' : `the newest ${past.length} failovers`;
  return [`${many} that this node has seen took ${meanMs.toFixed(1)} ms on average`];
}
