import { describe, expect, it } from 'vitest';
import { checkNodeInvariants } from '../src/invariants.ts';
import { MemoryLog } from '../src/memory-log.ts';
import { RaftNode } from '../src/raft-node.ts';
import { testConfig } from './support/test-node.ts';

const MEMBERSHIP = { voters: [1, 2, 3], votersOutgoing: [], learners: [] };

describe('a node whose snapshot became durable before the term in which it came', () => {
  it('begins in the term of the snapshot, in which it has promised nothing', () => {
    const log = new MemoryLog();
    log.setHardState({ term: 1, vote: 2, commit: 0 });
    log.restore({ index: 232, term: 17, membership: MEMBERSHIP });
    const node = new RaftNode(testConfig(3, MEMBERSHIP), log, () => 0);
    checkNodeInvariants(node);
    expect(node.term).toBe(17);
    expect(node.status().vote).toBe(0);
    node.step({
      type: 'RequestVote',
      from: 1,
      to: 3,
      term: 17,
      lastIndex: 232,
      lastTerm: 17,
      isTransfer: false,
    });
    expect(node.ready().hardState).toMatchObject({ term: 17, vote: 1 });
  });

  it('keeps its vote where the hard state is as new', () => {
    const log = new MemoryLog();
    log.setHardState({ term: 17, vote: 2, commit: 0 });
    log.restore({ index: 232, term: 17, membership: MEMBERSHIP });
    const node = new RaftNode(testConfig(3, MEMBERSHIP), log, () => 0);
    expect(node.status()).toMatchObject({ term: 17, vote: 2 });
  });
});
