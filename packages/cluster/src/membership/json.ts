import type { Member } from './members.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function writeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** undefined when these bytes are no JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A whole number from 0 to 2^53 - 1. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

export function isMembers(value: unknown): value is readonly Member[] {
  return Array.isArray(value) && value.every(isMember);
}

function isMember(value: unknown): value is Member {
  if (!isRecord(value)) return false;
  const { id, host, port, role, priority, note } = value;
  const isRole = role === 'voter' || role === 'learner';
  if (!isRole || typeof host !== 'string' || typeof note !== 'string') return false;
  return isCount(id) && isCount(port) && isCount(priority);
}
