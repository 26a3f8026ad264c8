import {
  type Cycle,
  type Estimate,
  meanEstimate,
  sampleQuantile,
  unavailabilityEstimate,
} from '@bellwether/availability';
import type { NodeFigures } from './node-figures.ts';
import type { Probe, ProbeKind } from './node-prober.ts';

/** One kill, and what was seen of it. */
export interface Kill {
  /** Since when all nodes had been up; until the kill nothing else went on. */
  readonly calmFromMs: number;
  readonly atMs: number;
  /** Position of the killed node among the servers. */
  readonly node: number;
  /** Until its clients' connections were closed, ms. */
  readonly closedAfterMs: number;
  /** Until a write through each surviving node, sent after the kill, was acknowledged, ms. */
  readonly recoveriesMs: readonly number[];
  /** What each node said of itself before. */
  readonly figures: readonly (NodeFigures | undefined)[];
}

export interface Samples {
  readonly count: number;
  readonly meanMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** A time in which no write was acknowledged through some node that was up. */
export interface Window {
  readonly fromMs: number;
  readonly lengthMs: number;
}

export interface Measurement {
  readonly startedMs: number;
  readonly endedMs: number;
  readonly perSecond: number;
  readonly probes: readonly Probe[];
  readonly kills: readonly Kill[];
}

/**
 * A measurement without kills is cut into stretches so long: longer than outages usually are, so that they
 * are nearly independent. Fewer than this many say little.
 */
const STRETCH_MS = 1_000;
const STRETCHES_MIN = 20;
/** A gap between acknowledgements counts when it exceeds so many times what is usual. */
const GAP_FACTOR = 3;

/** @returns undefined when there are none */
export function samplesOf(values: readonly number[]): Samples | undefined {
  if (values.length === 0) return undefined;
  return {
    count: values.length,
    meanMs: values.reduce((sum, value) => sum + value, 0) / values.length,
    medianMs: sampleQuantile(values, 0.5),
    p99Ms: sampleQuantile(values, 0.99),
    maxMs: Math.max(...values),
  };
}

/** Times that the probes of a kind took that were acknowledged, of chosen nodes or of all. */
export function latenciesMs(
  probes: readonly Probe[],
  kind: ProbeKind,
  isOf: (probe: Probe) => boolean = () => true,
): readonly number[] {
  return probes
    .filter((probe) => probe.kind === kind && probe.outcome === 'done' && isOf(probe))
    .map(({ sentMs, endedMs }) => endedMs - sentMs);
}

/** Of one kill, the mean over the surviving nodes: what a client of any of them waits on average. */
export function recoveryMs({ recoveriesMs }: Kill): number {
  return recoveriesMs.reduce((sum, ms) => sum + ms, 0) / recoveriesMs.length;
}

/** The windows of unavailability: those that kills made, and gaps of other origin. */
export function windowsOf(measurement: Measurement): readonly Window[] {
  const { kills } = measurement;
  const killed = kills.map((kill) => ({ fromMs: kill.atMs, lengthMs: recoveryMs(kill) }));
  const others = gapsOf(measurement).filter(({ fromMs, lengthMs }) => {
    const toMs = fromMs + lengthMs;
    return !killed.some((window) => isNear(window, fromMs, toMs));
  });
  return [...killed, ...others].sort((a, b) => a.fromMs - b.fromMs);
}

/** What a kill does to the nodes that survive it is in its own window already. */
function isNear(killed: Window, fromMs: number, toMs: number): boolean {
  const aroundMs = 1_000;
  return toMs > killed.fromMs - 1 && fromMs < killed.fromMs + killed.lengthMs + aroundMs;
}

/** Gaps between acknowledged writes of one node that are longer than its pace and latency explain. */
function gapsOf({ probes, perSecond, kills }: Measurement): readonly Window[] {
  const periodMs = 1_000 / perSecond;
  const usual = samplesOf(latenciesMs(probes, 'write'));
  // The median: outages are among the latencies themselves.
  const limitMs = GAP_FACTOR * (periodMs + (usual?.medianMs ?? 0));
  const nodes = [...new Set(probes.map(({ node }) => node))];
  return nodes.flatMap((node) => {
    const acks = probes
      .filter((probe) => probe.node === node && probe.kind === 'write' && probe.outcome === 'done')
      .map(({ endedMs }) => endedMs);
    acks.sort((a, b) => a - b);
    const died = kills.filter((kill) => kill.node === node).map(({ atMs }) => atMs);
    return acks.slice(1).flatMap((ack, i): Window[] => {
      const fromMs = acks[i] ?? ack;
      // The clients of a node that was killed are expected to go elsewhere.
      const isDead = died.some((atMs) => atMs >= fromMs - 1 && atMs <= ack);
      const lengthMs = ack - fromMs - periodMs;
      return !isDead && ack - fromMs > limitMs ? [{ fromMs, lengthMs }] : [];
    });
  });
}

/** The measured unavailability, over stretches from kill to kill, or else of equal length. */
export function unavailability(measurement: Measurement): Estimate {
  const windows = windowsOf(measurement);
  const { startedMs, endedMs, kills } = measurement;
  const stretches = Math.max(STRETCHES_MIN, Math.floor((endedMs - startedMs) / STRETCH_MS));
  const lengthMs = (endedMs - startedMs) / stretches;
  const bounds =
    kills.length >= 2
      ? [...kills.map(({ atMs }) => atMs), endedMs]
      : Array.from({ length: stretches + 1 }, (_, i) => startedMs + i * lengthMs);
  const cycles = bounds.slice(1).map((toMs, i): Cycle => {
    const fromMs = bounds[i] ?? toMs;
    const inside = windows.filter((window) => window.fromMs >= fromMs && window.fromMs < toMs);
    const downMs = inside.reduce((sum, window) => sum + window.lengthMs, 0);
    return { downMs, totalMs: toMs - fromMs };
  });
  return unavailabilityEstimate(cycles);
}

export function meanRecovery(kills: readonly Kill[]): Estimate | undefined {
  return kills.length === 0 ? undefined : meanEstimate(kills.map(recoveryMs));
}
