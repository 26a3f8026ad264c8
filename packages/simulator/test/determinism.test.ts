import { describe, expect, it } from 'vitest';
import { runSeed as simulate } from '../src/index.ts';

function linesOf(seed: number, nodes: number): string[] {
  const lines: string[] = [];
  simulate({ seed, nodes, safetyMs: 2000, onLine: (line) => lines.push(line) });
  return lines;
}

describe('a seed', () => {
  it.each([3, 5])('gives the same log twice, byte for byte, with %i nodes', (nodes) => {
    const first = linesOf(7, nodes);
    expect(first.length).toBeGreaterThan(400);
    expect(linesOf(7, nodes).join('\n')).toBe(first.join('\n'));
  });

  it('gives another log than the next one', () => {
    const one = simulate({ seed: 1, safetyMs: 500 });
    const two = simulate({ seed: 2, safetyMs: 500 });
    expect(one.digest).not.toBe(two.digest);
    expect(simulate({ seed: 1, safetyMs: 500 }).digest).toBe(one.digest);
  });

  it('does the same whether anybody listens or not', () => {
    const seen = simulate({ seed: 3, safetyMs: 500, onLine: () => undefined });
    expect(simulate({ seed: 3, safetyMs: 500 })).toEqual(seen);
  });
});
