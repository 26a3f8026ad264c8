import { expect, it } from 'vitest';
import { rehearse } from '../src/rehearsal/rehearsal.ts';

it('rehearses hand-overs and losses of the leader, each of which brings another one', () => {
  expect(rehearse(1)).toBe(1);
  expect(rehearse(12)).toBe(12);
});
