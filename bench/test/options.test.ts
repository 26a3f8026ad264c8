import { describe, expect, it } from 'vitest';
import { LOADS } from '../src/loads.ts';
import { parseOptions, USAGE, UsageError, type Options } from '../src/options.ts';

function parse(...args: string[]): Options {
  const options = parseOptions(args);
  if (options === 'help') throw new Error('help was not asked for');
  return options;
}

describe('the options of the benchmark', () => {
  it('measures both systems with all loads when nothing is said', () => {
    const options = parse();
    expect(options.systems).toEqual(['bellwether', 'zookeeper']);
    expect(options.loads).toEqual(LOADS);
    expect(options).toMatchObject({ seconds: 5, rounds: 1, processes: 2, hosts: [] });
  });

  it('takes a load by its name and several by what they begin with', () => {
    expect(parse('--only', 'get-30x50').loads.map((load) => load.name)).toEqual(['get-30x50']);
    const sets = parse('--only', 'set,mixed').loads.map((load) => load.operation);
    expect(sets).toEqual(['set', 'set', 'set', 'mixed']);
  });

  it('knows the hosts of a running ensemble', () => {
    const { hosts, pids } = parse('--hosts', 'a:1,b:2', '--pids', '7,8');
    expect(hosts).toEqual(['a:1', 'b:2']);
    expect(pids).toEqual([7, 8]);
  });

  it.each([
    [['--seconds', '0'], '--seconds must be a whole number from 1 to 3600, not "0"'],
    [['--rounds', 'two'], '--rounds must be a whole number from 1 to 100, not "two"'],
    [['--only', 'fast'], '--only doesn\'t know "fast"'],
    [['--only', ''], '--only doesn\'t know ""'],
    [['--system', 'etcd'], '--system doesn\'t know "etcd"'],
    [['--hosts', 'a'], '--hosts must be host:port,host:port,..., not "a"'],
    [['--pids', '7'], '--pids needs --hosts'],
    [['--hosts', 'a:1', '--system', 'zookeeper'], 'give one of them'],
    [['--json', '/no/such/directory/x'], '/no/such/directory is not a directory'],
    [['--frobnicate'], '--frobnicate'],
    [['extra'], 'extra'],
  ])('refuses %j and says why', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });

  it('tells every option in its help', () => {
    expect(parseOptions(['--help'])).toBe('help');
    for (const name of ['seconds', 'rounds', 'only', 'system', 'hosts', 'pids', 'data', 'json']) {
      expect(USAGE).toContain(`--${name}`);
    }
  });
});
