import { STALL_LIMITS } from './limits.ts';
import type { Vitals } from './vitals.ts';

/** What keeps a node that beats from being of use. */
export type Stall = 'disk' | 'service' | 'overload';

/**
 * What is wrong with a node whose vitals are these; undefined when nothing is.
 *
 * @param patience how many times the usual bounds it may take
 */
export function stallOf(vitals: Vitals, patience = 1): Stall | undefined {
  const { diskStallMs, serviceStallMs, overloadMs } = STALL_LIMITS;
  if (vitals.flushPendingMs >= diskStallMs * patience) return 'disk';
  if (vitals.servicePendingMs >= serviceStallMs * patience) return 'service';
  if (vitals.loopDelayMs >= overloadMs * patience) return 'overload';
  return undefined;
}

/**
 * Whether a node is clearly better off than a stalled one. Its vitals are a little old: if it is stuck in
 * the same way since the same moment, that must show here, so that nothing changes when all are.
 *
 * @param ageMs of the vitals
 */
export function isFit(vitals: Vitals, ageMs: number): boolean {
  const { diskStallMs, serviceStallMs, overloadMs, fitShare } = STALL_LIMITS;
  if (ageMs > STALL_LIMITS.vitalsMsMax) return false;
  const pendingMs = (ms: number): number => (ms === 0 ? 0 : ms + ageMs);
  if (pendingMs(vitals.flushPendingMs) > diskStallMs * fitShare) return false;
  if (pendingMs(vitals.servicePendingMs) > serviceStallMs * fitShare) return false;
  return vitals.loopDelayMs <= overloadMs * fitShare;
}
