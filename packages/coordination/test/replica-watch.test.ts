import { describe, expect, it } from 'vitest';
import { ReplicaWatch } from '../src/replica-watch.ts';
import { World } from './world.ts';

/** Nodes 1..count with the same state, the first of which vote. */
class Flock {
  readonly worlds: readonly World[];
  readonly watches: readonly ReplicaWatch[];
  readonly voters: readonly number[];

  constructor(count: number, voters = count) {
    this.worlds = Array.from({ length: count }, () => new World());
    this.voters = this.worlds.map((_, at) => at + 1).slice(0, voters);
    this.watches = this.worlds.map(
      ({ coordinator }) => new ReplicaWatch(coordinator, () => this.voters),
    );
    for (const world of this.worlds) world.create('/a', 'something');
  }

  /** The same command on every node, or on some of them. */
  write(data: string, nodes = this.worlds.map((_, at) => at + 1)): void {
    for (const node of nodes) this.worlds[node - 1]!.setData('/a', data);
  }

  /** Everybody tells everybody. */
  exchange(): void {
    const reports = this.watches.map((watch) => watch.report());
    reports.forEach((report, from) => {
      if (report === undefined) return;
      this.watches.forEach((watch, to) => {
        if (to !== from) watch.onReport(from + 1, report);
      });
    });
  }

  verdicts(): (string | undefined)[] {
    return this.watches.map((watch) => watch.judge()?.verdict);
  }
}

describe('replicas that watch each other', () => {
  it('find nothing where nothing is wrong, however far each is', () => {
    const flock = new Flock(3);
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 37; i++) flock.write(`${round} ${i}`);
      for (let i = 0; i < 50; i++) flock.write(`late ${round} ${i}`, [1, 2]);
      flock.exchange();
      expect(flock.verdicts()).toEqual([undefined, undefined, undefined]);
      for (let i = 0; i < 50; i++) flock.write(`late ${round} ${i}`, [3]);
      expect(flock.verdicts()).toEqual([undefined, undefined, undefined]);
    }
    expect(flock.worlds[2]!.coordinator.digest()).toBe(flock.worlds[0]!.coordinator.digest());
  });

  it('tell nothing when nothing was written', () => {
    const flock = new Flock(3);
    expect(flock.watches[0]!.report()).toBeDefined();
    expect(flock.watches[0]!.report()).toBeUndefined();
    flock.write('news');
    expect(flock.watches[0]!.report()).toBeDefined();
  });

  it('find the one that differs, and between which entries it parted', () => {
    const flock = new Flock(3);
    for (let i = 0; i < 300; i++) flock.write(`${i}`);
    flock.exchange();
    flock.verdicts();
    flock.write('right', [1, 3]);
    flock.write('wrong', [2]);
    for (let i = 0; i < 300; i++) flock.write(`${i}`);
    flock.worlds[1]!.create('/only-here');
    for (const node of [1, 3]) flock.worlds[node - 1]!.create('/b');
    for (let i = 0; i < 300; i++) flock.write(`${i}`);
    flock.exchange();
    expect(flock.watches[1]!.judge()).toEqual({
      sameAt: 512,
      differsAt: 640,
      differing: [1, 3],
      verdict: 'outvoted',
    });
    expect(flock.watches[0]!.judge()).toMatchObject({ verdict: 'undecided', differing: [2] });
  });

  it('find it in what was written last before a silence too', () => {
    const flock = new Flock(3);
    flock.write('right', [1, 2]);
    flock.write('wrong', [3]);
    flock.exchange();
    expect(flock.verdicts()).toEqual(['undecided', 'undecided', 'outvoted']);
    expect(flock.watches[2]!.judge()).toMatchObject({ sameAt: 0, differsAt: 3 });
  });

  it('do not take one voice for a majority, nor that of a learner for a vote', () => {
    const two = new Flock(2);
    two.write('x', [1]);
    two.write('y', [2]);
    two.exchange();
    expect(two.verdicts()).toEqual(['undecided', 'undecided']);
    const learners = new Flock(4, 1);
    learners.write('x', [1]);
    learners.write('y', [2, 3, 4]);
    learners.exchange();
    expect(learners.verdicts()).toEqual(['undecided', 'outvoted', 'outvoted', 'outvoted']);
  });

  it('do not count voices that say different things', () => {
    const flock = new Flock(3);
    flock.write('x', [1]);
    flock.write('y', [2]);
    flock.write('z', [3]);
    flock.exchange();
    expect(flock.verdicts()).toEqual(['undecided', 'undecided', 'undecided']);
  });

  it('forget what was found once the state was replaced', () => {
    const flock = new Flock(3);
    flock.write('right', [1, 2]);
    flock.write('wrong', [3]);
    flock.exchange();
    expect(flock.watches[2]!.judge()?.verdict).toBe('outvoted');
    flock.watches[2]!.onRestore();
    expect(flock.watches[2]!.judge()).toBeUndefined();
  });

  it('wait for what the others have before they compare it', () => {
    const flock = new Flock(3);
    for (let i = 0; i < 200; i++) flock.write(`${i}`, [1, 2]);
    flock.exchange();
    expect(flock.verdicts()).toEqual([undefined, undefined, undefined]);
    for (let i = 0; i < 200; i++) flock.write(`wrong ${i}`, [3]);
    expect(flock.watches[2]!.judge()?.verdict).toBe('outvoted');
  });
});
