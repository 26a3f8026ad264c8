import { describe, expect, it } from 'vitest';
import { addAbortListener, removeAbortListener } from '../src/abort-listeners.ts';
import { digestAcl } from '../src/acls.ts';
import { parseConnectString } from '../src/connect-string.ts';
import { Chroot, joinPath, nameOf, parentOf } from '../src/paths.ts';
import {
  contenderName,
  sortContenders,
  uniquePrefix,
} from '../src/recipes/support/contender-names.ts';
import { decodeInstance, encodeInstance } from '../src/recipes/service-instance.ts';
import { Backoff } from '../src/session/backoff.ts';
import { Deque } from '../src/session/deque.ts';
import { FrameReader } from '../src/session/frame-reader.ts';
import { formatSessionId } from '../src/session/handshake.ts';
import { HostList } from '../src/session/host-list.ts';

describe('a connect string', () => {
  it('names hosts, ports and a chroot', () => {
    expect(parseConnectString('a:1, b,[::1]:2181/app/x')).toEqual({
      hosts: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2181 },
        { host: '::1', port: 2181 },
      ],
      chroot: '/app/x',
    });
    expect(parseConnectString('a/').chroot).toBe('/');
    for (const text of ['', '/app', ',', 'a:0', 'a:65536', 'a:b', '[::1', 'a:1:2']) {
      expect(() => parseConnectString(text), text).toThrow(/names no server|is no host:port/);
    }
  });
});

describe('frames', () => {
  const frame = (size: number, fill: number): Buffer => {
    const bytes = Buffer.alloc(size + 4, fill);
    bytes.writeInt32BE(size);
    return bytes;
  };

  it('are found wherever the stream is cut', () => {
    const stream = Buffer.concat([frame(5, 1), frame(0, 0), frame(300, 2), frame(1, 3)]);
    for (let size = 1; size <= stream.length; size++) {
      const reader = new FrameReader(1_000);
      const found: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        reader.push(stream.subarray(at, at + size), (bytes, start, end) => {
          found.push(Buffer.from(bytes.subarray(start, end)).toString('hex'));
        });
      }
      expect(found).toEqual(['01'.repeat(5), '', '02'.repeat(300), '03']);
    }
  });

  it('are refused when they are too long', () => {
    const reader = new FrameReader(10);
    expect(() => reader.push(frame(11, 0), () => undefined)).toThrow('a reply of 11 bytes');
    expect(() => new FrameReader(10).push(Buffer.alloc(4, 255), () => undefined)).toThrow('-1');
  });
});

describe('the list of hosts', () => {
  const hosts = ['a', 'b', 'c'].map((host) => ({ host, port: 1 }));
  const order = (list: HostList): string => hosts.map(() => list.next().host).join('');

  it('spreads clients, and tries each host once a round', () => {
    let seed = 1;
    const random = (): number => (seed = (seed * 48_271) % 0x7fff_ffff) / 0x7fff_ffff;
    const list = (): HostList => new HostList(hosts, { random, nowMs: () => 0 });
    const orders = new Set(Array.from({ length: 100 }, () => order(list())));
    expect(orders.size).toBe(6);
  });

  it('prefers those that are near and did not fail, and leaves the last one for the end', () => {
    let nowMs = 100_000;
    const list = new HostList(hosts, { random: () => 0.5, nowMs: () => nowMs });
    list.onRoundTrip(hosts[0]!, 40);
    list.onRoundTrip(hosts[1]!, 1);
    list.onRoundTrip(hosts[2]!, 1.5);
    list.beginRound();
    expect(order(list)).toBe('bca');
    list.onFailed(hosts[1]!);
    list.beginRound();
    expect(order(list)).toBe('cab');
    list.beginRound(hosts[2]);
    expect(order(list)).toBe('abc');
    nowMs += 30_001;
    list.beginRound();
    expect(order(list), 'what failed long ago is forgiven').toBe('bca');
    // It answers, but slowly: it is not well.
    for (let i = 0; i < 20; i++) list.onRoundTrip(hosts[1]!, 300);
    list.beginRound();
    expect(order(list)).toBe('cab');
  });
});

it('a back-off doubles, with jitter, up to its limit, and begins again', () => {
  const low = new Backoff(() => 0);
  expect(Array.from({ length: 9 }, () => low.next())).toEqual([
    10, 20, 40, 80, 160, 320, 640, 1_000, 1_000,
  ]);
  low.reset();
  expect(low.next()).toBe(10);
  expect(new Backoff(() => 0.999).next()).toBeCloseTo(20, 1);
});

it('a deque gives back what it was given, in order', () => {
  const deque = new Deque<number>();
  let next = 0;
  let expected = 0;
  for (let round = 0; round < 5_000; round++) {
    deque.push(next++);
    deque.push(next++);
    expect(deque.shift()).toBe(expected++);
  }
  expect(deque.length).toBe(5_000);
  expect(deque.peek()).toBe(expected);
  expect([...deque]).toEqual(deque.drain());
  expect(deque.shift()).toBeUndefined();
});

it('paths are put together and taken apart', () => {
  expect([joinPath('/', 'a'), joinPath('/a', 'b')]).toEqual(['/a', '/a/b']);
  expect([parentOf('/a/b'), parentOf('/a'), parentOf('/')]).toEqual(['/a', '/', '/']);
  expect(nameOf('/a/b')).toBe('b');
  const chroot = new Chroot('/app');
  expect([chroot.outside('/'), chroot.outside('/a')]).toEqual(['/app', '/app/a']);
  expect([chroot.inside('/app'), chroot.inside('/app/a'), chroot.inside('/apple')]).toEqual([
    '/',
    '/a',
    '/apple',
  ]);
});

it('session ids look as in the logs of servers', () => {
  const password = new Uint8Array(16);
  expect(formatSessionId({ idHigh: 0x0100_006d, idLow: 0x6d5e_0000, password })).toBe(
    '0x100006d6d5e0000',
  );
  expect(formatSessionId({ idHigh: -1, idLow: 0, password })).toBe('0xffffffff00000000');
});

it('a digest ACL has the hash that ZooKeeper makes', () => {
  expect(digestAcl('super', 'admin').id).toBe('super:xQJmxLMiHGwaqBvst5y6rkB6HQs=');
});

it('contenders of all layouts stand in one line, by their numbers', () => {
  const id = '01234567-89ab-cdef-0123-456789abcdef';
  const kazoo = contenderName('kazoo', 'exclusive', id);
  const curator = contenderName('curator', 'write', id);
  expect(kazoo).toBe('0123456789abcdef0123456789abcdef__lock__');
  expect(curator).toBe('_c_01234567-89ab-cdef-0123-456789abcdef-__WRIT__');
  expect(kazoo.startsWith(uniquePrefix('kazoo', id))).toBe(true);
  const line = sortContenders([
    `${curator}0000000012`,
    `${kazoo}0000000003`,
    'x__rlock__0000000007',
    'unrelated',
    '_c_x-lock-0000000001',
    'lock-1',
  ]);
  expect(line.map(({ sequence, isReader }) => [sequence, isReader])).toEqual([
    [1, false],
    [3, false],
    [7, true],
    [12, false],
  ]);
});

it('an instance is read as Curator writes it, and nonsense is none', () => {
  const instance = {
    name: 'web',
    id: 'one',
    address: 'host',
    port: 80,
    sslPort: null,
    payload: { zone: 'a' },
    registrationTimeUTC: 5,
    enabled: false,
  };
  const json = encodeInstance(instance);
  expect(JSON.parse(json)).toMatchObject({ serviceType: 'DYNAMIC', uriSpec: null });
  expect(decodeInstance(Buffer.from(json))).toEqual(instance);
  expect(decodeInstance(Buffer.from('{"name":"web","id":"x"}'))?.enabled).toBe(true);
  for (const text of ['', 'x', 'null', '[]', '{"name":1}']) {
    expect(decodeInstance(Buffer.from(text)), text).toBeUndefined();
  }
});

it('one signal may be shared by many, and calls each that still listens', () => {
  const controller = new AbortController();
  let called = 0;
  const count = (): void => void called++;
  const removed = (): void => void (called += 100);
  addAbortListener(controller.signal, count);
  addAbortListener(controller.signal, removed);
  removeAbortListener(controller.signal, removed);
  controller.abort();
  addAbortListener(controller.signal, count);
  addAbortListener(undefined, count);
  expect(called).toBe(2);
});
