import { JuteWriter } from '@bellwether/protocol';

/**
 * What stands in the znodes of a quota, as text: `count=2,bytes=10`, and where there is more,
 * `count=2,bytes=10=;byteHardLimit=20;countHardLimit=3` (StatsTrack). Either separator counts, and
 * -1 is no limit. What can't be read is no limit either.
 */
export type QuotaValues = ReadonlyMap<string, number>;

export const QuotaKey = {
  count: 'count',
  bytes: 'bytes',
  countHard: 'countHardLimit',
  bytesHard: 'byteHardLimit',
} as const;

export const NO_LIMIT = -1;

const TEXT_CHARS_MAX = 1024;

/** The values in the data of a znode. */
export function readQuotaValues(data: Uint8Array | null): QuotaValues {
  const values = new Map<string, number>();
  for (const pair of asciiOf(data).split(/[,;]+/)) {
    const [key, text] = pair.split('=');
    if (key === undefined || key === '' || text === undefined) continue;
    const value = text === '' ? NO_LIMIT : Number(text);
    if (Number.isSafeInteger(value)) values.set(key, value);
  }
  return values;
}

/** One of the values; NO_LIMIT where it is not there. */
export function quotaValue(values: QuotaValues, key: string): number {
  return values.get(key) ?? NO_LIMIT;
}

/** As ZooKeeper writes it: count and bytes first, then the rest in the order of their names. */
export function writeQuotaValues(values: QuotaValues): Uint8Array {
  const { count, bytes } = QuotaKey;
  let text = `count=${quotaValue(values, count)},bytes=${quotaValue(values, bytes)}`;
  const others = [...values].filter(([key]) => key !== count && key !== bytes);
  others.sort(([a], [b]) => (a < b ? -1 : 1));
  if (others.length > 0) text += '=';
  for (const [key, value] of others) text += `;${key}=${value}`;
  return utf8Of(text);
}

/** The stats of a subtree. */
export function writeQuotaStats(count: number, bytes: number): Uint8Array {
  return utf8Of(`count=${count},bytes=${bytes}`);
}

function asciiOf(data: Uint8Array | null): string {
  if (data === null || data.length > TEXT_CHARS_MAX) return '';
  return String.fromCharCode(...data);
}

function utf8Of(text: string): Uint8Array {
  const writer = new JuteWriter(text.length + 4);
  writer.writeString(text);
  return writer.copy().subarray(4);
}
