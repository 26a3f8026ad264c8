import { inspect, isDeepStrictEqual } from 'node:util';

const CHARACTERS_MAX = 300;

/** Whether two values are built alike. */
export function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}

/** A value on one line, for messages. */
export function describe(value: unknown): string {
  const text = inspect(value, { depth: 6, breakLength: Infinity, maxArrayLength: 30 });
  return text.length <= CHARACTERS_MAX ? text : `${text.slice(0, CHARACTERS_MAX)}...`;
}

/** A value as it is now, whatever becomes of it; what can't be copied is taken as it is. */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}
