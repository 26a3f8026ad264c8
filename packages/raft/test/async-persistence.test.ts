import { describe, expect, it } from 'vitest';
import { MemoryLog } from '../src/memory-log.ts';
import type { Message } from '../src/messages.ts';
import { RaftNode } from '../src/raft-node.ts';
import type { Ready } from '../src/ready.ts';
import type { Entry } from '../src/types.ts';
import { bytes } from './support/render.ts';
import { testConfig } from './support/test-node.ts';

const MEMBERSHIP = { voters: [1, 2, 3], votersOutgoing: [], learners: [] };

function follower(): { node: RaftNode; log: MemoryLog; work: () => Ready } {
  const log = new MemoryLog();
  const node = new RaftNode(testConfig(3, MEMBERSHIP), log, () => 0);
  const work = (): Ready => {
    const ready = node.ready();
    log.write(ready);
    return ready;
  };
  return { node, log, work };
}

function entry(term: number, index: number): Entry {
  return { index, term, kind: 'command', data: bytes(`${term}.${index}`) };
}

function append(from: number, term: number, prev: Entry | undefined, entries: Entry[]): Message {
  const prevIndex = prev?.index ?? 0;
  const prevTerm = prev?.term ?? 0;
  return { type: 'AppendEntries', from, to: 3, term, prevIndex, prevTerm, entries, commit: 0 };
}

describe('several batches on their way to the disk', () => {
  it('an entry that was overwritten and brought back is durable only with the last batch', () => {
    const { node, work } = follower();
    const first = entry(1, 1);
    node.step(append(1, 1, undefined, [first]));
    const one = work();
    node.step(append(2, 2, undefined, [entry(2, 1)]));
    const two = work();
    // The leader of term 3 has the entry of term 1: it comes back with the same index and term.
    node.step(append(1, 3, undefined, [first]));
    const three = work();
    node.onPersisted(one.number);
    expect(node.status().persistedIndex).toBe(0);
    node.onPersisted(two.number);
    expect(node.status().persistedIndex).toBe(0);
    node.onPersisted(three.number);
    expect(node.status().persistedIndex).toBe(1);
  });

  it('what a later batch left standing is durable with the earlier one', () => {
    const { node, work } = follower();
    node.step(append(1, 1, undefined, [entry(1, 1), entry(1, 2), entry(1, 3)]));
    const one = work();
    node.step(append(2, 2, entry(1, 1), [entry(2, 2)]));
    const two = work();
    node.onPersisted(one.number);
    expect(node.status().persistedIndex).toBe(1);
    node.onPersisted(two.number);
    expect(node.status().persistedIndex).toBe(2);
  });

  it('one call covers several batches', () => {
    const { node, work } = follower();
    node.step(append(1, 1, undefined, [entry(1, 1)]));
    work();
    node.step(append(1, 1, entry(1, 1), [entry(1, 2)]));
    const two = work();
    node.onPersisted(two.number);
    expect(node.status().persistedIndex).toBe(2);
  });

  it('a batch is reported once, and not before it was handed out', () => {
    const { node, work } = follower();
    node.step(append(1, 1, undefined, [entry(1, 1)]));
    expect(() => node.onPersisted(1)).toThrow(/handed out/);
    const one = work();
    node.onPersisted(one.number);
    expect(() => node.onPersisted(one.number)).toThrow(/each once/);
  });

  it('a batch under way when a snapshot replaces the log vouches for nothing', () => {
    const { node, log, work } = follower();
    const indexes = [1, 2, 3, 4, 5, 6, 7, 8];
    node.step(
      append(
        1,
        1,
        undefined,
        indexes.map((index) => entry(1, index)),
      ),
    );
    const one = work();
    const snapshot = { index: 5, term: 2, membership: MEMBERSHIP };
    node.step({ type: 'InstallSnapshot', from: 1, to: 3, term: 2, snapshot });
    const two = work();
    expect(two.snapshot).toEqual(snapshot);
    expect(two.mustFlush).toBe(true);
    expect(two.messages).toEqual([]);
    expect(two.messagesAfterPersist).toMatchObject([{ accepted: true, index: 5 }]);
    node.onPersisted(one.number);
    expect(node.status().persistedIndex).toBe(5);
    node.onPersisted(two.number);
    expect(node.status()).toMatchObject({ persistedIndex: 5, commitIndex: 5, appliedIndex: 5 });
    expect(log.firstIndex()).toBe(6);
    // Applying what came before the snapshot may end after it: that is no step back.
    node.onApplied(4);
    expect(node.appliedIndex).toBe(5);
  });

  it('entries of one step and a hint of the next leave at their own times', () => {
    const { node, work } = follower();
    node.step(append(1, 1, undefined, [entry(1, 1)]));
    node.step(append(1, 1, entry(1, 5), [entry(1, 6)]));
    const ready = work();
    expect(ready.messages).toMatchObject([{ accepted: false, index: 5, hintIndex: 1 }]);
    expect(ready.messagesAfterPersist).toMatchObject([{ accepted: true, index: 1 }]);
  });

  it('two acknowledgements in one batch become the newer one', () => {
    const { node, work } = follower();
    node.step(append(1, 1, undefined, [entry(1, 1)]));
    node.step(append(1, 1, entry(1, 1), [entry(1, 2)]));
    expect(work().messagesAfterPersist).toMatchObject([{ accepted: true, index: 2 }]);
  });
});

describe('a candidate', () => {
  it('counts its own vote only once that is durable, and not in a later term', () => {
    const log = new MemoryLog();
    const alone = { voters: [3], votersOutgoing: [], learners: [] };
    const node = new RaftNode(testConfig(3, alone), log, () => 0);
    for (let i = 0; i < 10; i += 1) node.tick();
    const ready = node.ready();
    log.write(ready);
    expect(ready).toMatchObject({ hardState: { term: 1, vote: 3 }, mustFlush: true });
    expect(node.role).toBe('candidate');
    // A higher term comes by before the flush is done.
    const refusal = { accepted: false, index: 0, hintIndex: 0, hintTerm: 0 };
    node.step({ type: 'AppendEntriesResponse', from: 2, to: 3, term: 2, ...refusal });
    node.onPersisted(ready.number);
    expect(node.role).toBe('follower');
  });
});

describe('a term', () => {
  const ask = (term: number): Message => {
    const log = { lastIndex: 0, lastTerm: 0, isTransfer: true };
    return { type: 'RequestVote', from: 1, to: 3, term, ...log };
  };

  it('needs no flush when it is only heard of, and is flushed with the first promise in it', () => {
    const { node, work } = follower();
    node.step({ type: 'Heartbeat', from: 1, to: 3, term: 1, commit: 0, round: 1 });
    const heard = work();
    expect(heard).toMatchObject({ hardState: { term: 1, vote: 0 }, mustFlush: false });
    node.onPersisted(heard.number);
    node.step(append(1, 1, undefined, []));
    const acknowledged = work();
    expect(acknowledged).toMatchObject({ hardState: undefined, entries: [], mustFlush: true });
    expect(acknowledged.messagesAfterPersist).toMatchObject([{ accepted: true, index: 0 }]);
    node.onPersisted(acknowledged.number);
    node.step(append(1, 1, undefined, []));
    expect(work().mustFlush).toBe(false);
  });

  it('is flushed with a vote in it, also for whom it voted before', () => {
    const { node, work } = follower();
    node.step(ask(1));
    const first = work();
    expect(first).toMatchObject({ hardState: { term: 1, vote: 1 }, mustFlush: true });
    node.onPersisted(first.number);
    node.step(ask(17));
    expect(work()).toMatchObject({ hardState: { term: 17, vote: 1 }, mustFlush: true });
  });
});

describe('hasReady', () => {
  it('says no after ready, until something happens', () => {
    const { node, work } = follower();
    expect(node.hasReady()).toBe(false);
    node.step(append(1, 1, undefined, [entry(1, 1)]));
    expect(node.hasReady()).toBe(true);
    const ready = work();
    expect(node.hasReady()).toBe(false);
    node.onPersisted(ready.number);
    expect(node.hasReady()).toBe(false);
  });

  it('a new commit alone is written, and needs no flush', () => {
    const { node, work } = follower();
    node.step(append(1, 1, undefined, [entry(1, 1)]));
    node.onPersisted(work().number);
    node.step({ type: 'Heartbeat', from: 1, to: 3, term: 1, commit: 1, round: 1 });
    const ready = work();
    expect(ready).toMatchObject({ hardState: { commit: 1 }, mustFlush: false });
    expect(ready.committedEntries).toHaveLength(1);
  });
});
