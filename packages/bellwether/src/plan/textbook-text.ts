import { textbookPrediction } from '@bellwether/availability';
import { UserError } from '../cli/user-error.ts';
import { formatDuration } from '../report/duration.ts';

/** All in ms. */
export interface TextbookOptions {
  readonly heartbeatMs: number;
  readonly electionMs: number;
  readonly synchronisationMs: number;
  readonly periodMs: number;
}

/** @throws UserError when the times cannot be */
export function textbookText(options: TextbookOptions, form: 'text' | 'json'): string {
  const { heartbeatMs, electionMs, synchronisationMs, periodMs } = options;
  for (const [name, value] of [
    ['heartbeat', heartbeatMs],
    ['election', electionMs],
    ['sync', synchronisationMs],
    ['period', periodMs],
  ] as const) {
    if (value > 0 && value < Infinity) continue;
    throw new UserError(`--${name} is ${formatDuration(value)}: it must be above 0`, 2);
  }
  const prediction = textbookPrediction(options);
  if (prediction.downtimeMs > periodMs) {
    const what = `one failure takes ${formatDuration(prediction.downtimeMs)}`;
    throw new UserError(`--period is ${formatDuration(periodMs)}, but ${what}: make it longer`, 2);
  }
  if (form === 'json') return `${JSON.stringify({ model: 'textbook', ...prediction }, null, 2)}\n`;
  return [
    'the textbook model (too simple: docs/availability.md says why)',
    '',
    `T_fd          ${formatDuration(prediction.detectionMs)}  half a heartbeat interval`,
    `T_fr          ${formatDuration(prediction.recoveryMs)}  T_fd + election + synchronisation`,
    `downtime      ${formatDuration(prediction.downtimeMs)}  T_fd + T_fr, once in ${formatDuration(periodMs)}`,
    `availability  ${Number((prediction.availability * 100).toPrecision(12))} %`,
    '',
  ].join('\n');
}
