import { describe, expect, it } from 'vitest';
import {
  ALL_FAULTS,
  Register,
  registerApplication,
  shrink,
  runSeed as simulate,
} from '../src/index.ts';

/** Forgets what it was given, if its node is the second, once it has been restarted. */
function forgetful() {
  const starts = new Map<number, number>();
  return registerApplication(({ nodeId }) => {
    const count = (starts.get(nodeId) ?? 0) + 1;
    starts.set(nodeId, count);
    return nodeId === 2 && count > 1 ? new WrongRegister() : new Register();
  });
}

class WrongRegister extends Register {
  override digest(): string {
    return `wrong ${super.digest()}`;
  }
}

describe('a run that fails', () => {
  const run = (options: Parameters<typeof simulate>[0]) =>
    simulate({ ...options, application: forgetful() });
  const restarts = new Set(['kill', 'power', 'powerAll', 'rollingRestart']);

  it('is made smaller, and still fails in the same way', { timeout: 60_000 }, () => {
    // Of the seeds before, what fails is one kill that hits another node where there are fewer, or comes late.
    const seed = Array.from({ length: 30 }, (_, at) => at + 10).find(
      (candidate) => run({ seed: candidate, nodes: 5 }).failure !== undefined,
    );
    const options = { seed: seed ?? 0, nodes: 5 };
    const failed = run(options);
    const { result, runs } = shrink(options, failed, run);
    expect(result.failure?.error.message).toContain('replicasAgree');
    expect(runs).toBeGreaterThan(3);
    expect(result.nodes).toBeLessThan(5);
    expect(result.safetyMs).toBeLessThan(failed.safetyMs);
    // Nothing is left but what restarts the second node.
    expect(result.strikes.length).toBeLessThanOrEqual(2);
    expect([...result.faults.keys()].some((name) => restarts.has(name))).toBe(true);
  });

  it('does the same when only the strikes are repeated that happened', () => {
    const whole = simulate({ seed: 5, nodes: 3, safetyMs: 1500 });
    const again = simulate({ seed: 5, nodes: 3, safetyMs: 1500, strikes: whole.strikes });
    expect(again.digest).toBe(whole.digest);
    const none = simulate({ seed: 5, nodes: 3, safetyMs: 1500, strikes: [] });
    expect(none.faults.size).toBe(0);
    expect(ALL_FAULTS.length).toBeGreaterThan(20);
  });
});
