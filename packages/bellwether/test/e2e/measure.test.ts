import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { MeasureReport } from '../../src/measure/measure-report.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { CLI, freePort, READY, startDev } from './dev-process.ts';

/** Another process, as people run it; this one has the cluster's output to read. */
async function measure(...args: readonly string[]): Promise<MeasureReport> {
  const all = [CLI, 'measure', '--json', ...args];
  const { stdout } = await promisify(execFile)(process.execPath, all);
  return JSON.parse(stdout) as MeasureReport;
}

describe('bellwether measure', { timeout: 90_000 }, () => {
  test('kills leaders, measures until writes are taken again, and predicts the same', async () => {
    const dev = startDev(scratchDirectory(), await freePort(), '--restart');
    await dev.until(READY);
    const server = ['--server', dev.clients(), '--rate', '20', '--settle', '200ms'];
    const report = await measure(...server, '--kill', '3', '--data', dev.directory);
    expect(report.kills).toBe(3);
    expect(report.recoveries!.count).toBe(3);
    expect(report.recovery!.value).toBeGreaterThan(1);
    expect(report.recovery!.value).toBeLessThan(10_000);
    expect(report.failed).toEqual({ writes: 0, reads: 0 });
    expect(report.unavailability.value).toBeGreaterThan(0);
    expect(report.predicted!.recoveryMs).toBeGreaterThan(1);
    expect(dev.output.match(/was killed by SIGKILL/g)).toHaveLength(3);
  });

  test('measures a cluster that is left alone', async () => {
    const dev = startDev(scratchDirectory(), await freePort());
    await dev.until(READY);
    const report = await measure('--server', dev.clients(), '--rate', '20', '--for', '2s');
    expect(report.kills).toBe(0);
    expect(report.recovery).toBeUndefined();
    expect(report.failed).toEqual({ writes: 0, reads: 0 });
    // As many as the rate says, on three nodes; a busy machine may lose some.
    expect(report.writes!.count).toBeGreaterThan(60);
    expect(report.writes!.count).toBeLessThanOrEqual(123);
    // Reads have sessions of their own: at the end, one kind may have one more answer on each node.
    expect(Math.abs(report.writes!.count - report.reads!.count)).toBeLessThanOrEqual(3);
  });

  test('says what is missing when a node does not come back', async () => {
    const dev = startDev(scratchDirectory(), await freePort());
    await dev.until(READY);
    const args = ['--server', dev.clients(), '--kill', '2', '--data', scratchDirectory()];
    await expect(measure(...args)).rejects.toThrow(/names no process of node \d: --kill needs/);
  });
});
