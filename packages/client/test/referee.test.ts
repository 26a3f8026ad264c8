import { describe, expect, it } from 'vitest';
import { Ledger } from '../src/testing/ledger.ts';
import { Referee, type Claim } from '../src/testing/referee.ts';

/*
 * The soak believes its referee: so what it must see is shown to it here.
 */

const claimOf = (referee: Referee, resource: string, holder: string, token: number): Claim => ({
  resource,
  holder,
  token,
  mode: 'exclusive',
  lookedAt: referee.look(),
});

const make = (): Referee => new Referee({ lock: { most: 1 }, leases: { most: 2 } });

describe('the referee', () => {
  it('says nothing about those who hold something one after the other', () => {
    const referee = make();
    for (const token of [3, 5, 9]) {
      expect(referee.claim(claimOf(referee, 'lock', `holder ${token}`, token))).toBe('accepted');
      expect(referee.claim(claimOf(referee, 'lock', `holder ${token}`, token))).toBe('accepted');
      referee.leave('lock', token);
    }
    expect(referee.violations).toEqual([]);
    expect(referee.accepted.get('lock')).toBe(3);
  });

  it('sees one who still believes it after another has it', () => {
    const referee = make();
    referee.claim(claimOf(referee, 'lock', 'a', 1));
    referee.claim(claimOf(referee, 'lock', 'b', 2));
    expect(referee.violations).toEqual([]);
    // It looked after b had it, and found that it holds it.
    referee.claim(claimOf(referee, 'lock', 'a', 1));
    expect(referee.violations).toEqual(['lock: a with the token 1 beside b (2)']);
  });

  it('blames nobody whose word was on its way while another took over', () => {
    const referee = make();
    referee.claim(claimOf(referee, 'lock', 'a', 1));
    const late = claimOf(referee, 'lock', 'a', 1);
    const lateAndNew = claimOf(referee, 'lock', 'c', 2);
    referee.claim(claimOf(referee, 'lock', 'b', 3));
    referee.claim(late);
    expect(referee.claim(lateAndNew)).toBe('refused');
    expect(referee.violations).toEqual([]);
    expect(referee.refused).toBe(1);
  });

  it('sees tokens that fall, and one that two have', () => {
    const referee = make();
    referee.claim(claimOf(referee, 'lock', 'a', 7));
    referee.leave('lock', 7);
    expect(referee.claim(claimOf(referee, 'lock', 'b', 6))).toBe('refused');
    expect(referee.violations).toEqual(['lock: b with the token 6 after a with the token 7']);
    referee.claim(claimOf(referee, 'lock', 'b', 7));
    expect(referee.violations.at(-1)).toContain('has the token of a');
  });

  it('lets readers share, but not with a writer', () => {
    const referee = make();
    const read = (token: number): Claim => ({
      ...claimOf(referee, 'lock', `reader ${token}`, token),
      mode: 'shared',
    });
    referee.claim(read(1));
    referee.claim(read(2));
    referee.claim(read(1));
    expect(referee.violations).toEqual([]);
    referee.claim(claimOf(referee, 'lock', 'writer', 3));
    referee.claim(read(2));
    expect(referee.violations).toHaveLength(1);
  });

  it('counts leases, and not those of who has lost them and does not know', () => {
    const referee = make();
    for (const token of [1, 2]) referee.claim(claimOf(referee, 'leases', `h${token}`, token));
    // The first stands still and has lost its lease; it says nothing any more.
    referee.claim(claimOf(referee, 'leases', 'h3', 3));
    referee.claim(claimOf(referee, 'leases', 'h2', 2));
    expect(referee.violations).toEqual([]);
    referee.claim(claimOf(referee, 'leases', 'h1', 1));
    expect(referee.violations).toEqual(['leases: h1 with the token 1 beside h2 (2), h3 (3)']);
  });
});

it('the ledger sees what is lost, what happens twice, and numbers that cannot be', () => {
  const ledger = new Ledger();
  for (const item of ['a', 'b', 'c']) ledger.put(item, 'done');
  ledger.put('d', 'unknown');
  ledger.complete('a', 'done');
  ledger.complete('b', 'unknown');
  expect(ledger.judgeItems()).toEqual(['c was put and is lost']);
  ledger.complete('c', 'done');
  ledger.complete('d', 'done');
  expect(ledger.judgeItems()).toEqual([]);
  ledger.complete('a', 'done');
  ledger.complete('x', 'done');
  expect(ledger.judgeItems()).toEqual(['a was done 2 times', 'x was never put']);
  for (const outcome of ['done', 'done', 'unknown'] as const) ledger.count('n', outcome);
  expect(ledger.judgeCount('n', 2)).toBeUndefined();
  expect(ledger.judgeCount('n', 3)).toBeUndefined();
  for (const wrong of [1, 4]) expect(ledger.judgeCount('n', wrong)).toContain(`n is ${wrong}`);
});
