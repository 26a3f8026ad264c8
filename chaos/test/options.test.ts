import { describe, expect, it } from 'vitest';
import { FAULT_NAMES } from '../src/nemesis/fault-names.ts';
import { parseOptions, USAGE, UsageError } from '../src/options.ts';

describe('the options of proof:chaos', () => {
  it('are ten minutes of everything on three nodes when nothing is said', () => {
    expect(parseOptions([])).toMatchObject({
      ...{ minutes: 10, roundMs: 20_000, nodes: 3, faults: FAULT_NAMES, keep: false },
      ...{ jsonFile: undefined, judgeFile: undefined, packages: undefined },
    });
  });

  it('draw a seed where none is given', () => {
    const seedOf = (...args: string[]): unknown => {
      const options = parseOptions(args);
      return options === 'help' ? options : options.seed;
    };
    expect(seedOf()).not.toBe(seedOf());
    expect(seedOf('--seed', '17')).toBe(17);
  });

  it.each([
    [['--minutes', 'ten'], '--minutes must be a number from 0.05 to 10000, not "ten"'],
    [['--nodes', '2'], '--nodes must be a number from 3 to 9, not "2"'],
    [['--nodes', '3.5'], '--nodes must be a whole number from 3 to 9, not "3.5"'],
    [['--only', 'kill,flood'], '--only doesn\'t know "flood"; there are kill, '],
    [['--judge', '/nowhere'], '--judge: /nowhere is not there'],
    [['--json', '/nowhere/x'], '--json: /nowhere is not there'],
    [['extra'], 'extra'],
  ])('are refused: %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });

  it('are all in the help, with every fault', () => {
    expect(parseOptions(['--help'])).toBe('help');
    for (const name of FAULT_NAMES) expect(USAGE).toContain(`  ${name} `);
    for (const line of USAGE.split('\n')) expect(line.length).toBeLessThan(110);
  });
});
