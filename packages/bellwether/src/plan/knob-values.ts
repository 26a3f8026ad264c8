import { UserError } from '../cli/user-error.ts';
import { digits, DURATION_HELP, formatDuration, parseDuration } from '../report/duration.ts';
import type { Knob } from './knobs.ts';

const BYTES_PER = new Map([
  ['', 1],
  ['K', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
]);

/** @throws UserError that says how such a value is written */
export function knobValue(knob: Knob, text: string): number {
  const value = PARSERS[knob.kind](text);
  if (value !== undefined) return value;
  throw new UserError(`--${knob.name} is "${text}": write ${HELP[knob.kind]}`, 2);
}

const PARSERS: Readonly<Record<Knob['kind'], (text: string) => number | undefined>> = {
  duration: parseDuration,
  count: (text) => (text === 'all' ? Infinity : numberOf(text, /^[-+]?\d+(?:\.\d+)?$/)),
  percent: (text) => {
    const percent = numberOf(text.replace(/\s*%$/, ''), /^[-+]?\d+(?:\.\d+)?$/);
    return percent === undefined ? undefined : percent / 100;
  },
  bytes: (text) => {
    const match = /^([-+]?\d+(?:\.\d+)?)\s*([KMG]i?|)B?$/.exec(text.trim());
    return match === null ? undefined : Number(match[1]) * (BYTES_PER.get(match[2] ?? '') ?? 1);
  },
};

const HELP: Readonly<Record<Knob['kind'], string>> = {
  duration: DURATION_HELP,
  count: 'a whole number',
  percent: 'a percentage, like 10%',
  bytes: 'a number of bytes, like 64MiB or 100MB',
};

function numberOf(text: string, form: RegExp): number | undefined {
  return form.test(text.trim()) ? Number(text) : undefined;
}

/** As a person would write it. */
export function formatKnob({ kind }: Knob, value: number): string {
  switch (kind) {
    case 'duration':
      return formatDuration(value);
    case 'count':
      return value === Infinity ? 'all' : digits(value);
    case 'percent':
      return `${digits(value * 100)} %`;
    case 'bytes':
      return value >= 1e6 ? `${digits(value / 1e6)} MB` : `${digits(value)} B`;
    default:
      return kind satisfies never;
  }
}
