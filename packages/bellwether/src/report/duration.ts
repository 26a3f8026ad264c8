import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, YEAR_MS } from '@bellwether/availability';

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['us', 1e-3],
  ['ms', 1],
  ['s', SECOND_MS],
  ['m', MINUTE_MS],
  ['min', MINUTE_MS],
  ['h', HOUR_MS],
  ['d', DAY_MS],
  ['w', 7 * DAY_MS],
  ['y', YEAR_MS],
]);

export const DURATION_HELP = 'a number and a unit: us, ms, s, m, h, d, w, y (30d, 1.5h, 1h30m)';

/**
 * Reads "50ms", "1.5h", "1h30m", "-5s" or "never" (Infinity).
 *
 * @returns ms; undefined when it is no such text. A number without a unit is none, but 0.
 */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === 'never') return Infinity;
  if (/^[-+]?0+(\.0+)?$/.test(trimmed)) return 0;
  const match = /^([-+]?)((?:\d+(?:\.\d+)?(?:us|ms|min|[smhdwy]))+)$/.exec(trimmed);
  if (match === null) return undefined;
  let sum = 0;
  for (const [, amount, unit] of (match[2] ?? '').matchAll(/(\d+(?:\.\d+)?)([a-z]+)/g)) {
    sum += Number(amount) * (UNITS_MS.get(unit ?? '') ?? Number.NaN);
  }
  return match[1] === '-' ? -sum : sum;
}

/** For people: three digits and the unit that fits, "15.5 ms", "2.3 h", "51,200 years". */
export function formatDuration(ms: number): string {
  if (ms === Infinity) return 'never';
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms === 0) return '0 ms';
  if (ms < 0.9995) return `${digits(ms * 1_000)} us`;
  if (ms < SECOND_MS * 0.9995) return `${digits(ms)} ms`;
  if (ms < 2 * MINUTE_MS) return `${digits(ms / SECOND_MS)} s`;
  if (ms < 2 * HOUR_MS) return `${digits(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${digits(ms / HOUR_MS)} h`;
  if (ms < 2 * YEAR_MS) return `${digits(ms / DAY_MS)} days`;
  return `${digits(ms / YEAR_MS)} years`;
}

/** Three significant digits; large numbers with thousands separated, huge ones as powers of ten. */
export function digits(value: number): string {
  if (value === Infinity) return 'infinitely many';
  if (value !== 0 && (Math.abs(value) >= 1e7 || Math.abs(value) < 1e-3)) {
    return value.toExponential(1).replace('e+', 'e');
  }
  const text = Number(value.toPrecision(3));
  return text.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

const PERCENT_DECIMALS_MAX = 12;

/** As a percentage with two digits after the nines: 1.86e-7 is "99.999981 %". */
export function formatAvailability(unavailability: number): string {
  if (unavailability === 0) return '100 %';
  const places = Math.ceil(-Math.log10(unavailability));
  if (places > PERCENT_DECIMALS_MAX) return `1 - ${unavailability.toExponential(1)}`;
  return `${(100 * (1 - unavailability)).toFixed(Math.max(0, places))} %`;
}

export function formatPercent(part: number): string {
  if (part > 0 && part < 0.0005) return '< 0.1 %';
  return `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`;
}
