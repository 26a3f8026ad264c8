/** What one stall of the leader costs on average. */
export interface StallCost {
  /** Without service, ms. */
  readonly meanMs: number;
  /** P(it lasts so long that another node takes over). */
  readonly failoverProbability: number;
}

/**
 * A leader that stands still for an exponential time X of mean m serves nobody meanwhile. If X is below the
 * detection time D, the cost is X; above it, the others elect, and it is D + E. With the memoryless X:
 * mean min(X, D) = m (1 - exp(-D / m)), and P(X > D) = exp(-D / m).
 *
 * A shorter time-out is not better for everything: it turns short stalls into failovers that cost E each.
 *
 * @param lastsMs m, ms
 * @param detectionMs D, ms; Infinity when nobody can take over
 * @param electionMs E, from the suspicion until writes are served again, ms
 */
export function stallCost(lastsMs: number, detectionMs: number, electionMs: number): StallCost {
  const failoverProbability = Math.exp(-detectionMs / lastsMs);
  const waitedMs = lastsMs * -Math.expm1(-detectionMs / lastsMs);
  const electedMs = failoverProbability === 0 ? 0 : failoverProbability * electionMs;
  return { meanMs: waitedMs + electedMs, failoverProbability };
}
