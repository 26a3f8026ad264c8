/* Every invariant on a history that keeps it, and on one that was doctored. */
import { describe, expect, it } from 'vitest';
import { CommitOfOwnTerm } from '../src/invariants/commit-of-own-term.ts';
import { CommittedLog } from '../src/invariants/committed-log.ts';
import { DurableQuorum, type DurableState } from '../src/invariants/durable-quorum.ts';
import { ElectionSafety } from '../src/invariants/election-safety.ts';
import { ExactlyOnce } from '../src/invariants/exactly-once.ts';
import { LeaderCompleteness } from '../src/invariants/leader-completeness.ts';
import { LinearizableReads } from '../src/invariants/linearizable-reads.ts';
import { LogMatching } from '../src/invariants/log-matching.ts';
import { MonotonicTermAndCommit } from '../src/invariants/monotonic-term-and-commit.ts';
import { OneLeaseHolder } from '../src/invariants/one-lease-holder.ts';
import { PersistedBeforeSent } from '../src/invariants/persisted-before-sent.ts';
import { ReplicasAgree } from '../src/invariants/replicas-agree.ts';
import { StateMachineSafety } from '../src/invariants/state-machine-safety.ts';
import { TimeNeverDecreases } from '../src/invariants/time-never-decreases.ts';
import type { ProcessId } from '../src/node/observer.ts';

const process = (nodeId: number): ProcessId => ({ nodeId, incarnation: 7 });

describe('election safety', () => {
  it('lets one node lead a term, and others lead others', () => {
    const elections = new ElectionSafety();
    elections.onLeader(process(1), 1);
    elections.onLeader(process(1), 1);
    elections.onLeader(process(2), 2);
    expect(elections.elections).toBe(2);
  });

  it('shows two leaders of one term', () => {
    const elections = new ElectionSafety();
    elections.onLeader(process(1), 4);
    expect(() => elections.onLeader(process(2), 4)).toThrow('nodes 1 and 2 both lead term 4');
  });

  it('shows a node that leads the same term again after a restart', () => {
    const elections = new ElectionSafety();
    elections.onLeader(process(1), 4);
    const again = { nodeId: 1, incarnation: 8 };
    expect(() => elections.onLeader(again, 4)).toThrow('node 1 leads term 4 again');
  });

  it('shows a node that follows somebody who was not elected', () => {
    const elections = new ElectionSafety();
    elections.onLeader(process(1), 4);
    elections.onFollows(2, 4, 1);
    expect(() => elections.onFollows(2, 4, 3)).toThrow('follows 3 in term 4, which 1 leads');
    expect(() => elections.onFollows(2, 5, 1)).toThrow('which nobody leads');
  });
});

describe('commit of the own term', () => {
  const termAt = (index: number): number => (index < 5 ? 1 : 3);

  it('lets a leader begin with what it knew before, and commit its own', () => {
    const commits = new CommitOfOwnTerm(1);
    commits.onLeader(3, 2, termAt);
    commits.onLeader(3, 2, termAt);
    commits.onLeader(3, 6, termAt);
    commits.onLeader(4, 6, termAt);
  });

  it('shows a leader that commits an entry of an earlier term by itself', () => {
    const commits = new CommitOfOwnTerm(1);
    commits.onLeader(3, 2, termAt);
    expect(() => commits.onLeader(3, 4, termAt)).toThrow('commits 4, an entry of term 1');
  });
});

describe('a durable quorum', () => {
  const membership = { voters: [1, 2, 3], votersOutgoing: [], learners: [] };
  const leader = { nodeId: 1, term: 4, memberships: [membership] };
  const diskUpTo = (last: number): DurableState => ({
    hardState: { term: 4, vote: 1, commit: 0 },
    holds: (index) => index <= last,
  });

  function disks(...lasts: number[]): DurableQuorum {
    const quorum = new DurableQuorum();
    lasts.forEach((last, at) => quorum.onStarted(at + 1, diskUpTo(last)));
    return quorum;
  }

  it('is two of three disks, also of nodes that are down', () => {
    const quorum = disks(7, 7, 0);
    quorum.onEnded(2, diskUpTo(7));
    quorum.onCommitted(leader, 7);
  });

  it('shows an entry that is committed by fewer', () => {
    const quorum = disks(7, 7, 0);
    quorum.onEnded(2, diskUpTo(6));
    expect(() => quorum.onCommitted(leader, 7)).toThrow('on the disks of 1 alone');
  });

  it('counts a node that was started and ended before it did anything', () => {
    const quorum = disks(7, 7, 0);
    quorum.onEnded(2, diskUpTo(7));
    quorum.onStarted(2, diskUpTo(7));
    quorum.onEnded(2, undefined);
    quorum.onCommitted(leader, 7);
    expect(() => quorum.onCommitted(leader, 8)).toThrow('on the disks of nobody alone');
  });
});

describe('log matching', () => {
  const entry = { index: 5, term: 2, prevTerm: 1, hash: 77 };

  it('takes the same entry in two logs, and another one of another term', () => {
    const logs = new LogMatching();
    logs.onEntry(1, entry);
    logs.onEntry(2, entry);
    logs.onEntry(3, { ...entry, prevTerm: undefined });
    logs.onEntry(3, { ...entry, term: 3, hash: 78 });
  });

  it('shows entries of one index and term that differ', () => {
    const logs = new LogMatching();
    logs.onEntry(1, entry);
    expect(() => logs.onEntry(2, { ...entry, hash: 78 })).toThrow('differ');
  });

  it('shows equal entries behind different ones', () => {
    const logs = new LogMatching();
    logs.onEntry(1, entry);
    expect(() => logs.onEntry(2, { ...entry, prevTerm: 2 })).toThrow('terms 2 and 1');
  });
});

describe('what is committed', () => {
  it('is said by all nodes alike', () => {
    const committed = new CommittedLog();
    expect(committed.onCommitted(1, 1, 1, { term: 1, hash: 7 })).toBe(true);
    expect(committed.onCommitted(2, 1, 1, { term: 1, hash: 7 })).toBe(false);
    expect(committed.lastIndex).toBe(1);
    expect(committed.term(1)).toBe(1);
  });

  it('shows an entry of another term, or with another content', () => {
    const committed = new CommittedLog();
    committed.onCommitted(1, 1, 3, { term: 1, hash: 7 });
    expect(() => committed.onCommitted(2, 2, 3, { term: 2, hash: 7 })).toThrow(
      'committedIsImmutable',
    );
    expect(() => committed.onCommitted(2, 2, 3, { term: 1, hash: 8 })).toThrow('another content');
  });
});

describe('leader completeness', () => {
  const log = (terms: readonly number[]) => ({
    firstIndex: 1,
    lastIndex: terms.length,
    term: (index: number) => terms[index - 1] ?? 0,
  });

  function committed(...terms: number[]): LeaderCompleteness {
    const entries = new CommittedLog();
    terms.forEach((term, at) => entries.onCommitted(1, term, at + 1, { term, hash: 0 }));
    return new LeaderCompleteness(entries);
  }

  it('is content with a leader that has everything', () => {
    committed(1, 1, 2).check(2, 3, log([1, 1, 2, 3]), 0);
  });

  it('does not ask the leader of an earlier term', () => {
    committed(1, 3).check(2, 2, log([1, 2]), 0);
  });

  it('does not ask one that led before an older entry was committed in a later term', () => {
    const entries = new CommittedLog();
    entries.onCommitted(1, 6, 1, { term: 3, hash: 0 });
    const completeness = new LeaderCompleteness(entries);
    completeness.check(2, 5, log([5]), 0);
    expect(() => completeness.check(2, 7, log([5]), 0)).toThrow('entry of term 5');
  });

  it('shows a leader that lacks an entry, or has another one', () => {
    expect(() => committed(1, 1, 2).check(2, 3, log([1, 1]), 0)).toThrow('nothing at index 3');
    expect(() => committed(1, 1, 2).check(2, 3, log([1, 1, 1]), 0)).toThrow('entry of term 1');
  });
});

describe('state machine safety', () => {
  it('lets nodes apply the same, one after the other, also behind a snapshot', () => {
    const applied = new StateMachineSafety();
    expect(applied.onApplied(1, 1, 11)).toBe(true);
    expect(applied.onApplied(1, 2, 12)).toBe(true);
    applied.onRestored(2, 1);
    expect(applied.onApplied(2, 2, 12)).toBe(false);
  });

  it('shows a node that applies something else', () => {
    const applied = new StateMachineSafety();
    applied.onApplied(1, 1, 11);
    expect(() => applied.onApplied(2, 1, 12)).toThrow('stateMachineSafety');
  });

  it('shows a gap, and an entry applied twice', () => {
    const applied = new StateMachineSafety();
    applied.onApplied(1, 1, 11);
    expect(() => applied.onApplied(1, 3, 13)).toThrow('applies 3 after 1');
    expect(() => applied.onApplied(1, 1, 11)).toThrow('applies 1 after 1');
  });
});

describe('term and commit index', () => {
  it('may stay and grow', () => {
    const monotonic = new MonotonicTermAndCommit(1);
    monotonic.observe(1, 5);
    monotonic.observe(1, 5);
    monotonic.observe(2, 6);
  });

  it('never fall', () => {
    const monotonic = new MonotonicTermAndCommit(1);
    monotonic.observe(2, 5);
    expect(() => monotonic.observe(1, 5)).toThrow('term fell from 2 to 1');
    expect(() => monotonic.observe(2, 4)).toThrow('commit index fell from 5 to 4');
  });
});

describe('persisted before sent', () => {
  const recovered = (term: number, vote: number, lastIndex: number) => ({
    hardState: { term, vote, commit: 0 },
    lastIndex,
  });

  it('shows a vote that leaves before it is durable', () => {
    const promises = new PersistedBeforeSent();
    promises.onVoteLeaving(1, 3, 2, { term: 3, vote: 2, commit: 0 });
    promises.onVoteLeaving(1, 3, 2, { term: 4, vote: 0, commit: 0 });
    for (const durable of [
      { term: 2, vote: 2, commit: 0 },
      { term: 3, vote: 0, commit: 0 },
    ]) {
      expect(() => promises.onVoteLeaving(1, 3, 2, durable)).toThrow('persistedBeforeSent');
    }
  });

  it('shows entries that are dropped in the term in which they were acknowledged', () => {
    const promises = new PersistedBeforeSent();
    promises.onAcknowledged(1, 3, 9, { term: 3, persistedIndex: 9 });
    promises.onLog(1, 3, 9);
    promises.onLog(1, 4, 5);
    expect(() => promises.onLog(1, 3, 8)).toThrow('dropped entries behind 8');
  });

  it('is content with a disk that holds what was promised', () => {
    const promises = new PersistedBeforeSent();
    promises.onVote(1, 3, 2);
    promises.onAcknowledged(1, 3, 9, { term: 3, persistedIndex: 9 });
    promises.onRecovered(1, recovered(3, 2, 9));
    promises.onRecovered(1, recovered(4, 0, 7));
  });

  it('knows that a later leader may have replaced what was acknowledged', () => {
    const promises = new PersistedBeforeSent();
    promises.onAcknowledged(1, 3, 9, { term: 4, persistedIndex: 5 });
    promises.onRecovered(1, recovered(4, 0, 5));
  });

  it('shows an acknowledgement that is ahead of the disk', () => {
    const promises = new PersistedBeforeSent();
    const now = { term: 3, persistedIndex: 8 };
    expect(() => promises.onAcknowledged(1, 3, 9, now)).toThrow('acknowledges 9 with 8 durable');
  });

  it('shows a log, a vote and a term that are not there after a restart', () => {
    const promises = new PersistedBeforeSent();
    promises.onVote(1, 3, 2);
    promises.onAcknowledged(1, 3, 9, { term: 3, persistedIndex: 9 });
    expect(() => promises.onRecovered(1, recovered(3, 2, 8))).toThrow('has 8 on disk');
    expect(() => promises.onRecovered(1, recovered(3, 0, 9))).toThrow('forgot its vote for 2');
    expect(() => promises.onRecovered(1, recovered(2, 0, 9))).toThrow('is back in term 2');
  });

  it('shows two votes in a term', () => {
    const promises = new PersistedBeforeSent();
    promises.onVote(1, 3, 2);
    expect(() => promises.onVote(1, 3, 3)).toThrow('votes for 2 and 3 in term 3');
  });
});

describe('exactly once', () => {
  const payload = Uint8Array.of(1, 2, 3);
  const command = (sequence: number) => ({ nodeId: 1, incarnation: 7, sequence, payload });

  function proposed(count: number): ExactlyOnce {
    const commands = new ExactlyOnce();
    commands.onStarted(1, 7);
    for (let sequence = 1; sequence <= count; sequence++) {
      commands.onProposed(1, 7, sequence, payload);
    }
    return commands;
  }

  it('counts commands by outcome', () => {
    const commands = proposed(3);
    commands.onCommitted(command(1), 10);
    commands.onAcknowledged(1, 7, 1);
    expect(commands.counts).toEqual({ done: 1, pending: 2, indeterminate: 0 });
    commands.onEnded(1, 7);
    expect(commands.counts).toEqual({ done: 1, pending: 0, indeterminate: 2 });
  });

  it('forgives a gap of which the service was told, and a late end of it', () => {
    const commands = proposed(4);
    expect(() => commands.onOutcomesUnknown(1, 7, 3)).toThrow('without a reason');
    commands.onGivenUp(1, 7, 3);
    commands.onOutcomesUnknown(1, 7, 3);
    commands.onCommitted(command(2), 10);
    commands.onAcknowledged(1, 7, 2);
    commands.onCommitted(command(4), 11);
    commands.onAcknowledged(1, 7, 4);
    expect(commands.counts).toEqual({ done: 2, pending: 0, indeterminate: 2 });
  });

  it('shows a command that is doubled, lost, or not what was proposed', () => {
    const commands = proposed(3);
    commands.onCommitted(command(1), 10);
    expect(() => commands.onCommitted(command(1), 11)).toThrow('doubled at index 11');
    expect(() => commands.onCommitted(command(3), 11)).toThrow('command 2 of node 1/7 is lost');
    const other = { ...command(2), payload: Uint8Array.of(9) };
    expect(() => commands.onCommitted(other, 11)).toThrow('not what was proposed');
    expect(() => commands.onCommitted({ ...command(2), incarnation: 8 }, 11)).toThrow('never was');
  });

  it('shows a service that is told too much, twice, or too late', () => {
    const commands = proposed(3);
    expect(() => commands.onAcknowledged(1, 7, 1)).toThrow('not committed');
    for (const sequence of [1, 2, 3]) commands.onCommitted(command(sequence), 9 + sequence);
    commands.onAcknowledged(1, 7, 1);
    expect(() => commands.onAcknowledged(1, 7, 1)).toThrow('told of 1 after 1');
    expect(() => commands.onAcknowledged(1, 7, 3)).toThrow('never told of 2');
  });
});

describe('linearizable reads', () => {
  it('may be answered with what was committed when they were asked, or later', () => {
    const reads = new LinearizableReads(1);
    reads.onAsked(1, 10);
    reads.onAsked(2, 12);
    reads.onAnswered(2, 12);
    reads.onAnswered(1, 11);
  });

  it('show an answer that is too old, and one that nobody waits for', () => {
    const reads = new LinearizableReads(1);
    reads.onAsked(1, 10);
    expect(() => reads.onAnswered(1, 9)).toThrow('although 10 was committed');
    expect(() => reads.onAnswered(1, 10)).toThrow('nobody waits');
  });
});

describe('the time of commands', () => {
  it('may stand still, and never goes back', () => {
    const time = new TimeNeverDecreases();
    time.onCommitted(1, 100);
    time.onCommitted(2, 100);
    expect(() => time.onCommitted(3, 99)).toThrow('99 at index 3, after 100 at 2');
  });
});

describe('one lease holder', () => {
  it('lets one node after the other hold a lease', () => {
    const leases = new OneLeaseHolder();
    leases.onState(1, 3, true);
    leases.onState(2, 3, false);
    leases.onState(1, 3, false);
    leases.onState(2, 4, true);
    leases.onEnded(2);
    leases.onState(3, 5, true);
  });

  it('shows two at the same time', () => {
    const leases = new OneLeaseHolder();
    leases.onState(1, 3, true);
    expect(() => leases.onState(2, 4, true)).toThrow('node 1 of term 3 and node 2 of term 4');
  });
});

describe('replicas', () => {
  it('are alike where they have applied the same', () => {
    const replicas = new ReplicasAgree();
    replicas.onState(1, 8, () => 'a');
    replicas.onState(2, 8, () => 'a');
    replicas.onState(2, 12, () => 'b');
  });

  it('are shown when they are not', () => {
    const replicas = new ReplicasAgree();
    replicas.onState(1, 8, () => 'a');
    expect(() => replicas.onState(2, 8, () => 'b')).toThrow('nodes 1 and 2 differ at index 8');
  });
});
