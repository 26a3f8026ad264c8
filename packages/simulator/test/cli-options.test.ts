import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseCliOptions } from '../src/cli-options.ts';
import { runSeed as simulate } from '../src/index.ts';
import { describeFailure } from '../src/summary.ts';

describe('the command line', () => {
  it('takes one seed, or a range, and sizes of cluster', () => {
    expect(parseCliOptions(['--seed', '7', '--nodes', '3'])).toMatchObject({
      firstSeed: 7,
      lastSeed: 7,
      nodes: [3],
    });
    expect(parseCliOptions(['--seeds', '5..9', '--nodes', '3,5', '--minutes', '0.5'])).toEqual({
      firstSeed: 5,
      lastSeed: 9,
      nodes: [3, 5],
      minutesMax: 0.5,
      application: 'zookeeper',
      safetyMs: undefined,
      clients: undefined,
      strikes: undefined,
      faults: undefined,
      jobs: availableParallelism(),
      shrinks: true,
      showsLog: false,
    });
    expect(parseCliOptions(['--seeds', '10000'])).toMatchObject({ firstSeed: 1, lastSeed: 10_000 });
    const smaller = ['--safety-ms', '900', '--clients', '2', '--strikes', '3,8'];
    expect(parseCliOptions(smaller)).toMatchObject({ safetyMs: 900, clients: 2, strikes: [3, 8] });
    expect(parseCliOptions(['--help'])).toBeUndefined();
  });

  it.each([
    [['--seed', 'x'], "--seed takes a whole number, or A..B: not 'x'"],
    [['--seeds', '9..5'], "--seeds takes a whole number, or A..B: not '9..5'"],
    [['--nodes', '0'], "--nodes takes numbers from 1 to 9: not '0'"],
    [['--minutes'], "--minutes takes a number above 0: not ''"],
    [['--strikes', '0'], "--strikes takes numbers above 0, or none: not '0'"],
    [['--faults', 'kill,rain'], "--faults: there is no 'rain'"],
    [['--sed'], 'unknown option --sed'],
  ])('refuses %j', (args, message) => {
    expect(() => parseCliOptions(args)).toThrow(message);
  });

  it('says how to replay a seed that fails', () => {
    const transport = (): never => {
      throw new Error('broken on purpose');
    };
    const result = simulate({ seed: 12, nodes: 3, experiments: { transport } });
    const lines = describeFailure(result);
    expect(lines.at(-1)).toBe(
      'replay: npx bellwether simulate --seed 12 --nodes 3 --application register',
    );
    expect(lines.join('\n')).toContain('broken on purpose');
  });
});
