import { calibrated } from '../measure/calibration.ts';
import { LeaderKiller } from '../measure/leader-killer.ts';
import { measureJson, measureReport, measureText } from '../measure/measure-report.ts';
import { measure } from '../measure/measurement.ts';
import { formatDuration } from '../report/duration.ts';
import type { Server } from './ask-word.ts';

export interface MeasureOptions {
  readonly server: readonly Server[];
  /** ms. */
  readonly for: number;
  /** A second, on every node. */
  readonly rate: number;
  /** How many leaders to kill; undefined: none. */
  readonly kill?: number;
  readonly data: string;
  /** ms. */
  readonly settle: number;
  readonly json: boolean;
}

/**
 * Measures a running cluster's availability from outside.
 *
 * @throws UserError when it cannot be measured
 */
export async function showMeasurement(options: MeasureOptions): Promise<number> {
  const { server: servers, rate, json } = options;
  const kills = options.kill ?? 0;
  const measurement = await measure({
    servers,
    perSecond: rate,
    forMs: options.for,
    kills,
    settleMs: options.settle,
    killer: kills === 0 ? undefined : new LeaderKiller(servers, options.data),
    onKill: (done, { node, recoveriesMs }) => {
      const waited = recoveriesMs.map((ms) => formatDuration(ms)).join(', ');
      process.stderr.write(
        `${done}/${kills}: node ${node + 1} killed, writes again after ${waited}\n`,
      );
    },
  });
  const report = measureReport(measurement, calibrated(measurement, servers.length));
  process.stdout.write(json ? measureJson(report) : measureText(report));
  return 0;
}
