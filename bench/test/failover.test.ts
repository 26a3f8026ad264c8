import { describe, expect, it } from 'vitest';
import { parseFailoverOptions } from '../src/failover/options.ts';
import type { Content, Register } from '../src/failover/register.ts';
import {
  formatFailovers,
  formatPhases,
  formatLinks,
  formatLoad,
  quantile,
} from '../src/failover/report.ts';
import { FAULTS } from '../src/failover/faults.ts';
import { LINK_CASES } from '../src/failover/link-cases.ts';
import { Writer } from '../src/failover/writer.ts';

/** Answers with the versions it is given, or fails where one is an error. */
class ScriptedRegister implements Register {
  readonly #answers: (number | Error)[];
  readonly #isThrough: () => void;
  opened = 0;

  constructor(answers: readonly (number | Error)[], isThrough: () => void) {
    this.#answers = [...answers];
    this.#isThrough = isThrough;
  }

  open(): Promise<void> {
    this.opened += 1;
    return Promise.resolve();
  }

  write(): Promise<number> {
    const answer = this.#answers.shift();
    if (this.#answers.length === 0) this.#isThrough();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? 0);
  }

  read(): Promise<Content> {
    return Promise.reject(new Error('is not asked'));
  }

  close(): void {}
}

async function written(answers: readonly (number | Error)[]): Promise<Writer> {
  return new Promise((resolve) => {
    const register = new ScriptedRegister(answers, () => {
      void writer.stop().then(() => resolve(writer));
    });
    const writer = new Writer(register);
    void writer.start();
  });
}

describe('the writer of the failover benchmark', () => {
  it('finds nothing wrong with versions that count its writes', async () => {
    const writer = await written([1, 2, 3]);
    writer.check({ version: 3, value: 'write 3' });
    expect(writer).toMatchObject({ acknowledged: 3, doubled: 0, lost: 0, failures: [] });
  });

  it('finds a write that was applied twice', async () => {
    expect(await written([1, 3, 4])).toMatchObject({ doubled: 1, lost: 0 });
  });

  it('finds a write that was acknowledged and is gone', async () => {
    expect(await written([1, 2, 2])).toMatchObject({ doubled: 0, lost: 1 });
    const writer = await written([1, 2, 3]);
    writer.check({ version: 2, value: 'write 2' });
    expect(writer.lost).toBe(1);
  });

  it('finds an end that is not the last write', async () => {
    const writer = await written([1, 2]);
    writer.check({ version: 2, value: 'write 1' });
    expect(writer.lost).toBe(1);
  });

  it('takes a failed write for one that may have happened', async () => {
    const failed = new Error('connection lost');
    expect(await written([1, failed, 2, 3])).toMatchObject({ doubled: 0, lost: 0 });
    expect(await written([1, failed, 3, 4])).toMatchObject({ doubled: 0, lost: 0 });
    const writer = await written([1, failed, 4, 5]);
    expect(writer).toMatchObject({ doubled: 1, lost: 0, failures: ['connection lost'] });
  });

  it('counts a write that has not ended as a gap', async () => {
    const writer = await written([1, 2]);
    expect(writer.longestGap(0).ms).toBeGreaterThan(0);
    expect(writer.hasAcknowledgedSince(Infinity)).toBe(false);
  });

  it('leaves out gaps that lie outside the time that is asked for', async () => {
    const writer = await written([1, 2]);
    const { ms, beganMs } = writer.longestGap(0);
    expect(writer.longestGap(0, beganMs).ms).toBeLessThan(ms);
    expect(writer.longestGap(performance.now() + 1000).ms).toBe(0);
  });
});

describe('the options of the failover benchmark', () => {
  it('measures all cases on all systems when nothing is said', () => {
    expect(parseFailoverOptions([])).toMatchObject({
      rounds: 5,
      cases: [...FAULTS, ...LINK_CASES, { name: 'load' }].map(({ name }) => name),
      systems: ['bellwether', 'zookeeper', 'etcd'],
      znodes: 0,
      load: 0,
    });
  });

  it('takes a case by its name, and several by what they begin with', () => {
    const casesOf = (only: string): readonly string[] => {
      const options = parseFailoverOptions(['--only', only]);
      return options === 'help' ? [] : options.cases;
    };
    expect(casesOf('load,cut')).toEqual(['cut', 'load']);
    expect(casesOf('link')).toEqual([
      'link-followers',
      'link-leader',
      'link-from-leader',
      'link-to-leader',
    ]);
  });

  it.each([
    [['--minutes', '0'], '--minutes must be a whole number from 1 to 1440'],
    [['--only', 'kil'], '--only doesn\'t know "kil"'],
    [['--rounds', '0'], '--rounds must be a whole number from 1 to 10000'],
    [['--system', 'consul'], '--system doesn\'t know "consul"'],
  ])('refuses %j', (args, message) => {
    expect(() => parseFailoverOptions(args)).toThrow(message);
  });
});

const RESULT = { name: 'Bellwether', version: '1', cases: [], links: [], load: undefined };

describe('the table of the failover benchmark', () => {
  it('takes quantiles by their rank', () => {
    expect([0, 0.5, 0.99, 1].map((share) => quantile([4, 1, 3, 2], share))).toEqual([1, 2, 4, 4]);
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(quantile(hundred, 0.99)).toBe(99);
  });

  it('adds up what went wrong', () => {
    const round = {
      gapBeganMs: 0,
      changeGapMs: undefined,
      acknowledged: 9,
      failures: [],
      doubled: 0,
      lost: 1,
      timeline: undefined,
    };
    const rounds = [
      { ...round, gapMs: 5, failed: 2 },
      { ...round, gapMs: 7.25, failed: 1 },
    ];
    const cases = [{ fault: FAULTS[0]!, rounds }];
    const text = formatFailovers({ ...RESULT, cases });
    const row = text.split('\n').at(-1)!.split('|');
    expect(row.map((cell) => cell.trim()).slice(1, -1)).toEqual([
      'killed (kill -9)',
      '2',
      '5.0',
      '5.0',
      '7.3',
      '7.3',
      '3',
      '0',
      '2',
    ]);
  });

  it('tells the phases as the servers recorded them, and how long writes waited then', () => {
    const timeline = {
      ...{ beganAtMs: 0, cause: 'connection closed', oldTerm: 1, newTerm: 17, totalMs: 5 },
      phasesMs: { suspect: 1, confirm: 1, elect: 1, catchUp: 1, serve: 1 },
    };
    const round = {
      ...{ gapMs: 20, gapBeganMs: 0, changeGapMs: 8, acknowledged: 9, timeline },
      ...{ failed: 0, failures: [], doubled: 0, lost: 0 },
    };
    const repeated = { ...timeline, newTerm: 33, totalMs: 7 };
    const rounds = [round, { ...round, changeGapMs: 12, timeline: repeated }];
    const text = formatPhases({ ...RESULT, cases: [{ fault: FAULTS[0]!, rounds }] });
    const row = text.split('\n').at(-1)!.split('|');
    const cells = row.map((cell) => cell.trim()).slice(1, -1);
    const phases = ['1.00', '1.00', '1.00', '1.00', '1.00', '5.00'];
    expect(cells).toEqual(['killed (kill -9)', ...phases, '8.0', '12.0', '50.0 %']);
  });

  it('counts leader changes beside bad links, and has the interruption at each server', () => {
    const round = { failed: 0, failures: [], doubled: 0, lost: 0 };
    const rounds = [
      { ...round, leaderChanges: 0, gapMs: { leader: 10, well: 20, struck: 6_000 } },
      { ...round, leaderChanges: 1, gapMs: { leader: 30, well: 25, struck: 6_100 } },
    ];
    const links = [{ linkCase: LINK_CASES[1]!, rounds }];
    const row = formatLinks({ ...RESULT, links })
      .split('\n')
      .at(-1)!;
    expect(row).toMatch(/cut \| +2 \| +1 \| +10 \/ 30 \| +20 \/ 25 \| +6000 \/ 6100 \| +0 \|/);
    expect(formatLinks(RESULT)).toBe('');
  });

  it('says whether the leader stayed under full load', () => {
    const load = { minutes: 10, operationsPerSecond: 30_000, leaderChanges: 0, gapMs: 210.4 };
    const text = formatLoad({ ...RESULT, load: { ...load, failed: 0, doubled: 0, lost: 0 } });
    expect(text.split('\n').at(-1)).toMatch(/10 minutes \| +30,000 \| +0 \| +210 \| +0 \|/);
    expect(formatLoad(RESULT)).toBe('');
  });
});
