import { expect, it } from 'vitest';
import { OwnEntries } from '../../src/server/own-entries.ts';
import { WaitingRequest } from '../../src/server/waiting-request.ts';

function waiting(sequence: number): WaitingRequest {
  const request = new WaitingRequest();
  request.sequence = sequence;
  return request;
}

it('finds who waits for an entry, passes over those nobody waits for, and names the lost', () => {
  const own = new OwnEntries();
  const lost: number[] = [];
  const take = (sequence: number): number | undefined =>
    own.take(sequence, (request) => lost.push(request.sequence))?.sequence;
  for (const sequence of [1, 3, 4, 5, 8]) own.push(waiting(sequence));
  expect(take(1)).toBe(1);
  expect(take(2)).toBeUndefined();
  expect(lost).toEqual([]);
  expect(take(5)).toBe(5);
  expect(lost).toEqual([3, 4]);
  expect(take(7)).toBeUndefined();
  expect(take(8)).toBe(8);
  expect(own.size).toBe(0);
});
