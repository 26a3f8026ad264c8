import type { Client } from '../../client.ts';
import { isClientError } from '../../errors.ts';
import type { Judge } from '../judge.ts';

/** In what a role is played. */
export interface Stage {
  readonly client: Client;
  /** Of the client, from 0, among so many. */
  readonly index: number;
  readonly clients: number;
  readonly judge: Judge;
  /** In [0, 1). */
  readonly random: () => number;
  /** The soak ends. */
  readonly signal: AbortSignal;
}

/** What a client does again and again with one recipe. */
export interface Role {
  readonly name: string;
  readonly step: () => Promise<void>;
  /** Gives back what it has, after the last step. */
  readonly end?: () => Promise<void> | void;
  /** What is wrong, looked at when all is quiet and healed; undefined: nothing, or not yet right. */
  readonly settled?: () => Promise<string | undefined> | string | undefined;
}

/** Errors that faults explain. */
export function isExpected(error: unknown): boolean {
  if (!isClientError(error)) return false;
  return error.retryable || error.indeterminate || error.code === 'lost' || isExpiry(error);
}

function isExpiry(error: unknown): boolean {
  return isClientError(error, 'sessionExpired');
}

/** What a write that rejected with this became; undefined: it did not happen. */
export function outcomeOf(error: unknown): 'unknown' | undefined {
  return isClientError(error) && error.indeterminate ? 'unknown' : undefined;
}

/** Mostly as long as it takes; now and then so short that the waiting ends in the middle. */
export function patience({ random, signal }: Stage): {
  signal: AbortSignal;
  timeoutMs?: number;
} {
  return random() < 0.15 ? { signal, timeoutMs: 1 + random() * 300 } : { signal };
}
