import { describe, expect, it } from 'vitest';
import { Comparison } from '../src/compare.ts';
import type { Reply, WatchEvent } from '../src/decode.ts';
import type { Field } from '../src/fields.ts';
import { ZxidMap } from '../src/zxid-map.ts';

const field = (kind: Field['kind'], value: string | number): Field[] => [
  { name: 'x', kind, value },
];
const event = (path: string, zxid: number): WatchEvent => ({ type: 1, state: 3, path, zxid });
const reply = (zxid: number, error = 0): Reply => ({ xid: 1, zxid, error, fields: [] });
const fresh = (): Comparison => new Comparison(new ZxidMap());

describe('zxids', () => {
  it('are the same when they name the same change, in the same order', () => {
    const map = new ZxidMap();
    expect(map.matches(10, 100)).toBe(true);
    expect(map.matches(20, 300)).toBe(true);
    expect(map.matches(15, 200)).toBe(true);
    expect(map.matches(10, 100)).toBe(true);
    expect(map.size).toBe(3);
  });

  it('are not when one is known as another, or lies elsewhere', () => {
    const map = new ZxidMap();
    map.matches(10, 100);
    map.matches(20, 200);
    expect(map.matches(10, 101)).toBe(false);
    expect(map.matches(11, 100)).toBe(false);
    expect(map.matches(15, 250)).toBe(false);
    expect(map.matches(5, 150)).toBe(false);
    expect(map.matches(0, 100)).toBe(false);
    expect(map.size).toBe(2);
  });

  it('of a read lie behind the same newest change', () => {
    const map = new ZxidMap();
    map.matches(10, 100);
    map.matches(20, 200);
    expect(map.isSameEpoch(13, 100)).toBe(true);
    expect(map.isSameEpoch(20, 199)).toBe(false);
    expect(map.isSameEpoch(0, 0)).toBe(true);
    expect(map.isSameEpoch(0, 1)).toBe(false);
  });
});

describe('answers', () => {
  it('differ in an error, an xid, a value, or in how much there is', () => {
    const comparison = fresh();
    expect(comparison.replies(reply(5), reply(7), true)).toEqual([]);
    expect(comparison.replies(reply(5, -101), reply(7, -110), true)).toHaveLength(1);
    expect(comparison.replies({ ...reply(5), xid: 2 }, reply(7), true)).toHaveLength(1);
    expect(comparison.fields(field('exact', 'a'), field('exact', 'b'))).toHaveLength(1);
    expect(comparison.fields(field('exact', 'a'), [])).toHaveLength(1);
    expect(comparison.fields([], field('exact', 'a'))).toHaveLength(1);
  });

  it('differ in the zxid of a change that one of them does not know', () => {
    const comparison = fresh();
    comparison.replies(reply(5), reply(7), true);
    expect(comparison.replies(reply(6), reply(7), true)).toHaveLength(1);
    expect(comparison.replies(reply(6), reply(7), false)).toEqual([]);
    expect(comparison.replies(reply(4), reply(7), false)).toHaveLength(1);
  });

  it('may be some time apart, but none is not some', () => {
    const comparison = fresh();
    expect(comparison.fields(field('time', 1_000_000), field('time', 1_000_500))).toEqual([]);
    expect(comparison.fields(field('time', 1_000_000), field('time', 1_100_000))).toHaveLength(1);
    expect(comparison.fields(field('time', 0), field('time', 1))).toHaveLength(1);
  });

  it('name the same session by the id that it has in each system', () => {
    const comparison = fresh();
    comparison.sessions.set('01', 'aa');
    expect(comparison.fields(field('session', '01'), field('session', 'aa'))).toEqual([]);
    expect(comparison.fields(field('session', '01'), field('session', '01'))).toHaveLength(1);
    expect(comparison.fields(field('session', '00'), field('session', '00'))).toEqual([]);
  });
});

describe('events', () => {
  const ours = [event('/a', 5), event('/b', 5), event('/c', 6)];
  const theirs = [event('/b', 7), event('/a', 7), event('/c', 8)];

  it('must come in the same order', () => {
    const { mismatches } = fresh().events(ours, theirs, new Set());
    expect(mismatches).toHaveLength(1);
  });

  it('may come in any order within the end of a session', () => {
    const result = fresh().events(ours, theirs, new Set([5]));
    expect(result).toEqual({ mismatches: [], reordered: true });
    const across = [theirs[0]!, theirs[2]!, theirs[1]!];
    expect(fresh().events(ours, across, new Set([5])).mismatches).toHaveLength(1);
  });

  it('must all come, whether their zxid is known or not', () => {
    const unnumbered = ours.map((each) => ({ ...each, zxid: -1 }));
    expect(fresh().events(ours, unnumbered, new Set()).mismatches).toEqual([]);
    expect(fresh().events(ours, unnumbered.slice(1), new Set()).mismatches).toHaveLength(1);
    expect(fresh().events([], unnumbered, new Set()).mismatches).toHaveLength(1);
  });
});
