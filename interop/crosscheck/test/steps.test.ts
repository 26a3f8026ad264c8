import { describe, expect, it } from 'vitest';
import { encodeRequest, type Resolver } from '../src/encode.ts';
import { generateRound } from '../src/generate.ts';
import { Random, roundSeed } from '../src/random.ts';
import { shrink } from '../src/shrink.ts';
import type { Step } from '../src/steps.ts';

const RESOLVER: Resolver = {
  path: (path) => (typeof path === 'string' ? path : '/n'),
  zxid: () => 0,
};

function round(seed: number, number: number, zooKeeperNodes = 1): readonly Step[] {
  const random = new Random(roundSeed(seed, number));
  return generateRound(random, { steps: 500, sessions: 6, zooKeeperNodes });
}

describe('a random round', () => {
  it('follows from its seed and number, and from nothing else', () => {
    expect(round(1, 0)).toEqual(round(1, 0));
    expect(round(1, 0)).not.toEqual(round(1, 1));
    expect(round(1, 0)).not.toEqual(round(2, 0));
  });

  it('damages no write for an ensemble, which would not survive it', () => {
    const damaged = (nodes: number): Set<string> => {
      const steps = [0, 1, 2, 3].flatMap((number) => round(5, number, nodes));
      const requests = steps.flatMap((step) => (step.kind === 'request' ? [step.request] : []));
      return new Set(requests.flatMap((one) => (one.op === 'damaged' ? [one.request.op] : [])));
    };
    expect(damaged(1)).toContain('create');
    expect(damaged(3)).not.toContain('create');
    expect(damaged(3)).not.toContain('setData');
    expect(damaged(3)).not.toContain('multi');
    expect(damaged(3)).toContain('getData');
  });

  it('damages no zxid, which is not the same number in both systems', () => {
    const lists = { data: ['/a'], exist: [], child: [], persistent: [], recursive: [] };
    const request = { op: 'setWatches2', back: 0, ...lists } as const;
    const whole = encodeRequest(request, 1, RESOLVER);
    const headerBytes = 12;
    for (let at = 0; at < 100; at += 1) {
      const damage = { kind: 'flip', at, mask: 1 } as const;
      const damaged = encodeRequest({ op: 'damaged', request, damage }, 1, RESOLVER);
      expect(damaged).not.toEqual(whole);
      expect(damaged.subarray(0, headerBytes + 8)).toEqual(whole.subarray(0, headerBytes + 8));
    }
  });

  it('is the same after it was written to a file', () => {
    expect(JSON.parse(JSON.stringify(round(1, 0)))).toEqual(round(1, 0));
  });

  it('is made of requests that can be encoded, of every kind', () => {
    const kinds = new Set<string>();
    for (const step of [0, 1, 2, 3, 4].flatMap((number) => round(3, number))) {
      const requests =
        step.kind === 'request' ? [step.request] : step.kind === 'pipeline' ? step.requests : [];
      for (const request of requests) {
        kinds.add(request.op);
        expect(encodeRequest(request, 1, RESOLVER).length).toBeGreaterThanOrEqual(4);
      }
    }
    expect([...kinds].sort()).toEqual(
      [
        ...['addWatch', 'auth', 'checkWatches', 'closeSession', 'create', 'create2'],
        ...['createContainer', 'createTTL', 'damaged', 'delete', 'exists', 'frame', 'getACL'],
        ...['getAllChildrenNumber', 'getChildren', 'getChildren2', 'getData', 'getEphemerals'],
        ...['length', 'multi', 'multiRead', 'other', 'ping', 'removeWatches', 'setACL', 'setData'],
        ...['setWatches', 'setWatches2', 'sync', 'whoAmI', 'withXid'],
      ].sort(),
    );
  });
});

describe('the rounds of a run', () => {
  const requestsOf = (steps: readonly Step[]) =>
    steps.flatMap((step) => (step.kind === 'request' ? [step.request] : []));
  const rounds = Array.from({ length: 40 }, (_, number) => round(9, number, 3));

  it('set quotas, and pipeline nothing where they do: ZooKeeper judges by what is applied', () => {
    const withQuotas = rounds.filter((steps) =>
      JSON.stringify(steps).includes('/zookeeper/quota/a/'),
    );
    expect(withQuotas.length).toBeGreaterThan(3);
    expect(withQuotas.flat().filter(({ kind }) => kind === 'pipeline')).toEqual([]);
  });

  it('change members in an ensemble only', () => {
    const changes = (all: readonly (readonly Step[])[]) =>
      requestsOf(all.flat()).filter(({ op }) => op === 'reconfig').length;
    expect(changes(rounds)).toBeGreaterThan(10);
    expect(changes(rounds.map((_, number) => round(9, number, 1)))).toBe(0);
  });

  it('move sessions to other servers', () => {
    expect(rounds.flat().filter(({ kind }) => kind === 'move').length).toBeGreaterThan(50);
  });
});

describe('shrinking', () => {
  const steps = Array.from({ length: 40 }, (_, session): Step => ({ session, kind: 'drop' }));

  it('leaves the steps that are needed together', async () => {
    const shows = (candidate: readonly Step[]): Promise<boolean> => {
      const left = new Set(candidate.map(({ session }) => session));
      return Promise.resolve(left.has(3) && left.has(17) && left.has(38));
    };
    const left = await shrink(steps, shows);
    expect(left.map(({ session }) => session)).toEqual([3, 17, 38]);
  });

  it('leaves all when all are needed', async () => {
    const shows = (candidate: readonly Step[]): Promise<boolean> =>
      Promise.resolve(candidate.length === steps.length);
    expect(await shrink(steps, shows)).toHaveLength(steps.length);
  });
});
