import { READ_ACL } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { DigestHistory } from '../src/digest-history.ts';
import { decodeDigestReport, encodeDigestReport, isDigestReport } from '../src/digest-report.ts';
import { DIGEST_EVERY, DIGESTS_KEPT, DIGESTS_REPORTED_MAX } from '../src/limits.ts';
import { decodeTouchedSessions } from '../src/touched-sessions.ts';
import { command, World } from './world.ts';

/** Two worlds that go the same way. */
function twins(): [World, World] {
  const both: [World, World] = [new World(), new World()];
  for (const world of both) {
    world.create('/a', 'data of a');
    world.create('/a/b', 'x'.repeat(700));
  }
  return both;
}

describe('the digest (kept up to date, compared with one from scratch after every command of all tests)', () => {
  it('is equal where states are', () => {
    const [one, other] = twins();
    expect(one.coordinator.digest()).toBe(other.coordinator.digest());
    expect(one.coordinator.digest()).toMatch(/^[0-9a-f]{16}$/);
  });

  it('differs by a bit of data, wherever it is', () => {
    const lengths = [1, 3, 4, 15, 16, 17, 100, 511, 512, 513, 2000];
    for (const length of lengths) {
      for (const at of [0, length >> 1, length - 1]) {
        const [one, other] = twins();
        const text = 'x'.repeat(length);
        one.create('/c', text);
        other.create('/c', `${text.slice(0, at)}y${text.slice(at + 1)}`);
        expect(one.coordinator.digest(), `${length} at ${at}`).not.toBe(other.coordinator.digest());
      }
    }
  });

  it('differs by no data, empty data, a version, an ACL, a kind, a time, a session', () => {
    const changes: ((world: World) => void)[] = [
      (world) => world.create('/c'),
      (world) => world.create('/c', '', 1),
      (world) => world.create('/c', '', 0, READ_ACL),
      (world) => world.createContainer('/c'),
      (world) => world.createTtl('/c', 1000),
      (world) => world.createTtl('/c', 1001),
      (world) => world.apply(command.createSession(2)),
      (world) => world.apply(command.createSession(3)),
      (world) => world.apply(command.close(1)),
      (world) => world.setData('/a', 'data of a'),
      (world) => world.setAcl('/a', READ_ACL),
      (world) => world.delete('/a/b'),
    ];
    const digests = changes.map((change) => {
      const [world] = twins();
      change(world);
      return world.coordinator.digest();
    });
    const [before] = twins();
    expect(new Set([...digests, before.coordinator.digest()]).size).toBe(changes.length + 1);
  });

  it('shows data that was overwritten by mistake, as soon as its znode changes', () => {
    const [one, other] = twins();
    const { data } = other.at('/a');
    data![3]! ^= 1;
    expect(other.coordinator.digest()).toBe(one.coordinator.digest());
    expect(other.coordinator.digestFromScratch()).not.toBe(other.coordinator.digest());
    one.setData('/a', 'new');
    expect(() => other.setData('/a', 'new')).toThrow('the digest is kept');
    expect(other.coordinator.digest()).not.toBe(one.coordinator.digest());
  });
});

describe('the history of digests', () => {
  it('has those of every so-manieth index, the newest of them', () => {
    const history = new DigestHistory();
    const last = DIGEST_EVERY * (DIGESTS_KEPT + 10);
    for (let index = 0; index <= last; index++) history.onLeft(index, { a: index, b: -index });
    expect(history.at(last)).toEqual({ a: last, b: -last });
    expect(history.at(last - 1)).toBeUndefined();
    expect(history.at(DIGEST_EVERY * 11)).toMatchObject({ a: DIGEST_EVERY * 11 });
    expect(history.at(DIGEST_EVERY * 10)).toBeUndefined();
    const behind = history.behind(last - 3 * DIGEST_EVERY, last + 5, 10).map(({ index }) => index);
    expect(behind).toEqual([last - 2 * DIGEST_EVERY, last - DIGEST_EVERY, last]);
    expect(history.behind(0, last, 2).length).toBe(2);
    history.clear();
    expect(history.at(last)).toBeUndefined();
  });
});

describe('a report of digests', () => {
  const checkpoints = [
    { index: 128, a: 1, b: -1 },
    { index: 2 ** 40, a: -(2 ** 31), b: 2 ** 31 - 1 },
  ];

  it('comes back as it was, and is not taken for touched sessions', () => {
    const bytes = encodeDigestReport(checkpoints);
    expect(isDigestReport(bytes)).toBe(true);
    expect(decodeDigestReport(bytes)).toEqual(checkpoints);
    expect(decodeTouchedSessions(bytes)).toEqual([]);
    expect(isDigestReport(new Uint8Array(3))).toBe(false);
    expect(isDigestReport(new Uint8Array(8))).toBe(false);
  });

  it('says nothing when it is cut off, of another version, or too long', () => {
    const bytes = encodeDigestReport(checkpoints);
    for (let length = 4; length < bytes.length; length++) {
      expect(decodeDigestReport(bytes.subarray(0, length))).toEqual([]);
    }
    bytes[7]! += 1;
    expect(decodeDigestReport(bytes)).toEqual([]);
    const many = Array.from({ length: 100 }, (_, index) => ({ index, a: 0, b: 0 }));
    expect(decodeDigestReport(encodeDigestReport(many)).length).toBe(DIGESTS_REPORTED_MAX);
  });
});
