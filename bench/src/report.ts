import { cpus, release, totalmem } from 'node:os';
import type { LoadResult } from './client-processes.ts';
import { describeLoad, type Load } from './loads.ts';
import { formatTable } from './table.ts';

/** All rounds of all loads on one system. */
export interface SystemResult {
  readonly name: string;
  readonly version: string;
  readonly loads: readonly LoadResults[];
}

export interface LoadResults {
  readonly load: Load;
  /** Without the warm-up. */
  readonly rounds: readonly LoadResult[];
}

const HEADINGS = ['load', 'ops/s', 'p50 ms', 'p99 ms', 'max ms', 'errors', 'server CPU us/op'];
const RATIO_HEADINGS = ['load', 'ops/s', 'p50', 'p99', 'server CPU per op'];

/** The median of each figure by itself; of an even number, the mean of the middle two. */
export function medianOf(rounds: readonly LoadResult[]): LoadResult {
  const of = (pick: (round: LoadResult) => number) => median(rounds.map(pick));
  const isCpuKnown = rounds.every((round) => round.serverCpuUsPerOperation !== undefined);
  return {
    operationsPerSecond: of((round) => round.operationsPerSecond),
    p50Ms: of((round) => round.p50Ms),
    p99Ms: of((round) => round.p99Ms),
    maxMs: of((round) => round.maxMs),
    // An error in any round shows.
    errors: rounds.reduce((sum, round) => sum + round.errors, 0),
    serverCpuUsPerOperation: isCpuKnown ? of((round) => round.serverCpuUsPerOperation!) : undefined,
    clientCpuUsPerOperation: of((round) => round.clientCpuUsPerOperation),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What the figures were measured on. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const system = `${process.platform} ${release()} ${process.arch}`;
  return `${cpus().length} x ${model}, ${gigabytes} GB, ${system}, Node.js ${process.version}`;
}

/** The table of one system. */
export function formatResults(result: SystemResult): string {
  const rows = result.loads.map(({ load, rounds }) => [
    describeLoad(load),
    ...figures(medianOf(rounds)),
  ]);
  return `${result.name} ${result.version}\n${formatTable([HEADINGS, ...rows])}`;
}

function figures(result: LoadResult): string[] {
  return [
    Math.round(result.operationsPerSecond).toLocaleString('en'),
    result.p50Ms.toFixed(2),
    result.p99Ms.toFixed(2),
    result.maxMs.toFixed(1),
    String(result.errors),
    result.serverCpuUsPerOperation?.toFixed(1) ?? 'n/a',
  ];
}

/** The first system's figures divided by the second's. */
export function formatRatios(ours: SystemResult, theirs: SystemResult): string {
  const rows = ours.loads.map(({ load, rounds }, i) => {
    const a = medianOf(rounds);
    const b = medianOf(theirs.loads[i]!.rounds);
    return [
      describeLoad(load),
      ratio(a.operationsPerSecond, b.operationsPerSecond),
      ratio(a.p50Ms, b.p50Ms),
      ratio(a.p99Ms, b.p99Ms),
      ratio(a.serverCpuUsPerOperation, b.serverCpuUsPerOperation),
    ];
  });
  const title = `${ours.name} / ${theirs.name} (more ops/s is better, less of the rest is better)`;
  return `${title}\n${formatTable([RATIO_HEADINGS, ...rows])}`;
}

function ratio(ours: number | undefined, theirs: number | undefined): string {
  if (ours === undefined || theirs === undefined || theirs === 0) return 'n/a';
  return `${(ours / theirs).toFixed(2)} x`;
}
