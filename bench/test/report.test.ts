import { describe, expect, it } from 'vitest';
import type { LoadResult } from '../src/client-processes.ts';
import { parseCpuTicks } from '../src/cpu.ts';
import { LOADS } from '../src/loads.ts';
import { formatRatios, formatResults, medianOf, type SystemResult } from '../src/report.ts';

const BASE: LoadResult = {
  operationsPerSecond: 1000,
  p50Ms: 1,
  p99Ms: 2,
  maxMs: 3,
  errors: 0,
  serverCpuUsPerOperation: 10,
  clientCpuUsPerOperation: 5,
};

function system(name: string, rounds: readonly LoadResult[]): SystemResult {
  return { name, version: '1.0', loads: [{ load: LOADS[0]!, rounds }] };
}

describe('the report', () => {
  it('takes the median of each figure, and every error', () => {
    const rounds = [5, 1, 3].map((p50Ms) => ({ ...BASE, p50Ms, errors: 1 }));
    expect(medianOf(rounds)).toEqual({ ...BASE, p50Ms: 3, errors: 3 });
  });

  it('does not invent CPU time that is not known', () => {
    const unknown = { ...BASE, serverCpuUsPerOperation: undefined };
    expect(medianOf([BASE, unknown]).serverCpuUsPerOperation).toBeUndefined();
    expect(formatResults(system('A', [unknown]))).toContain('n/a');
    expect(formatRatios(system('A', [unknown]), system('B', [BASE]))).toContain('n/a');
  });

  it('divides ours by theirs', () => {
    const ours = { ...BASE, operationsPerSecond: 3000, serverCpuUsPerOperation: 2.5 };
    const lines = formatRatios(system('A', [ours]), system('B', [BASE])).split('\n');
    expect(lines.at(-1)).toMatch(/3\.00 x \|.*1\.00 x \|.*1\.00 x \|.*0\.25 x \|$/);
  });

  it('reads the CPU time of a process whose name has spaces and brackets in it', () => {
    const stat = '42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 70 30 0 0 20 0 11 0 1 2 3';
    expect(parseCpuTicks(stat)).toBe(100);
  });
});
