import { CAUTIOUS_LEADER, type Mutant, patch } from './mutant.ts';

/** Bugs of consensus: elections, replication, commitment, reads, membership, snapshots. */
export const RAFT_MUTANTS: readonly Mutant[] = [
  {
    name: 'vote-not-persisted',
    what: 'the hard state on disk does not say for whom the node voted',
    patches: [
      patch(
        'cluster/src/driver/driver.ts',
        'this.log.setHardState(ready.hardState);',
        'this.log.setHardState({ ...ready.hardState, vote: 0 });',
      ),
    ],
    seedsMax: 20,
  },
  {
    name: 'vote-not-flushed',
    what: 'a vote and a new term are written, but nobody waits for the flush',
    patches: [
      patch(
        'raft/src/ready-builder.ts',
        'snapshot !== undefined || isNewVote || isPromise;',
        'snapshot !== undefined || ((isNewVote || isPromise) && false);',
      ),
    ],
    seedsMax: 60,
  },
  {
    name: 'votes-twice',
    what: 'a node votes for everybody who asks in a term',
    patches: [
      patch(
        'raft/src/handlers/request-vote.ts',
        'return state.vote === message.from || (state.vote === NO_NODE && state.leaderId === NO_NODE);',
        'return true;',
      ),
    ],
    seedsMax: 60,
  },
  {
    name: 'vote-for-shorter-log',
    what: 'a vote is granted whatever the length of the log, if its last term is as new',
    patches: [
      patch(
        'raft/src/raft-log.ts',
        'return id.term > lastTerm || (id.term === lastTerm && id.index >= this.lastIndex);',
        'return id.term >= lastTerm;',
      ),
    ],
    seedsMax: 20,
  },
  {
    name: 'own-vote-before-durable',
    what: 'a candidate counts its own vote before that vote is on its disk',
    patches: [
      patch(
        'raft/src/election.ts',
        `      isTransfer: reason === 'transfer',
    };
    state.outbox.send(request);
  });`,
        `      isTransfer: reason === 'transfer',
    };
    state.outbox.send(request);
  });
  recordVote(state, from, 'granted');`,
      ),
    ],
    seedsMax: 60,
  },
  {
    name: 'commit-by-counting-old-terms',
    what: 'an entry of an earlier term is committed because a majority holds it (figure 8)',
    patches: [
      patch(
        'raft/src/commit.ts',
        'if (index < state.termStartIndex || !state.log.commitTo(index)) return;',
        'if (!state.log.commitTo(index)) return;',
      ),
    ],
    seedsMax: 400,
  },
  {
    name: 'commit-counts-own-unflushed',
    what: 'the leader counts what its own disk does not hold yet',
    patches: [
      patch(
        'raft/src/commit.ts',
        'if (self?.accept(state.log.persistedIndex) === true) advanceCommit(state);',
        'if (self?.accept(state.log.lastIndex) === true) advanceCommit(state);',
      ),
    ],
    seedsMax: 100,
  },
  {
    name: 'heartbeat-commits-too-far',
    what: 'a heartbeat carries the commit index, whatever the follower is known to hold',
    patches: [
      patch(
        'raft/src/read-index.ts',
        'commit: Math.min(peer.match, log.commitIndex),',
        'commit: log.commitIndex,',
      ),
      patch(
        'raft/src/handlers/heartbeat.ts',
        'if (message.commit <= state.log.lastIndex) state.log.commitTo(message.commit);',
        'if (state.log.lastIndex > 0) state.log.commitTo(Math.min(message.commit, state.log.lastIndex));',
      ),
    ],
    seedsMax: 60,
  },
  {
    name: 'sent-is-acknowledged',
    what: 'the leader takes an acknowledgement for one of all that it has sent',
    patches: [
      patch(
        'raft/src/handlers/append-entries-response.ts',
        'const isNews = peer.accept(message.index);',
        'const isNews = peer.accept(Math.max(message.index, peer.next - 1));',
      ),
    ],
    seedsMax: 60,
  },
  {
    name: 'conflict-kept',
    what: 'entries of another leader stay in the log where the new ones have the same index',
    patches: [
      patch(
        'raft/src/handlers/append-entries.ts',
        'while (known < entries.length && log.has(entries[known] as (typeof entries)[number])) known += 1;',
        'while (known < entries.length && (entries[known] as (typeof entries)[number]).index <= log.lastIndex) known += 1;',
      ),
    ],
    seedsMax: 60,
  },
  {
    name: 'previous-term-unchecked',
    what: 'entries are appended behind an entry of another term',
    patches: [
      patch(
        'raft/src/handlers/append-entries.ts',
        '} else if (log.has({ index: message.prevIndex, term: message.prevTerm })) {',
        '} else if (message.prevIndex <= log.lastIndex) {',
      ),
    ],
    seedsMax: 400,
  },
  {
    name: 'truncation-forgets-durability',
    what: 'after a conflict, entries that replace others count as durable because those were',
    patches: [
      patch(
        'raft/src/persistence.ts',
        `    this.persistedIndex = Math.min(this.persistedIndex, from - 1);
    for (const batch of this.#batches) batch.lastIndex = Math.min(batch.lastIndex, from - 1);`,
        `    this.persistedIndex = Math.min(this.persistedIndex, from - 1);`,
      ),
    ],
    faults: ['usurped'],
    seedsMax: 40,
  },
  {
    name: 'old-leader-heard',
    what: 'AppendEntries of a leader of an earlier term are taken',
    patches: [
      patch(
        'raft/src/step.ts',
        `      // With pre-vote and check-quorum nothing else would tell a replaced leader of its successor.
      sendTerm(state, message, 'HeartbeatResponse');
      return false;`,
        `      sendTerm(state, message, 'HeartbeatResponse');
      return true;`,
      ),
    ],
    seedsMax: 60,
  },
  {
    name: 'acknowledged-before-flush',
    what: 'entries are acknowledged to the leader before they are flushed',
    patches: [
      patch(
        'raft/src/outbox.ts',
        "    this.#afterPersist.push({\n      type: 'AppendEntriesResponse',",
        "    this.#messages.push({\n      type: 'AppendEntriesResponse',",
      ),
    ],
    seedsMax: 20,
  },
  {
    name: 'commit-saved-beyond-log',
    what: 'the hard state says that more is committed than the disk may hold',
    patches: [
      patch(
        'raft/src/ready-builder.ts',
        'state.hardStateSaid = { term, vote, commit: state.log.deliverableIndex };',
        'state.hardStateSaid = { term, vote, commit: state.log.lastIndex };',
      ),
      patch(
        'raft/src/ready-builder.ts',
        'isElectoralNews(state) || state.hardStateSaid.commit !== state.log.deliverableIndex',
        'isElectoralNews(state) || state.hardStateSaid.commit !== state.log.lastIndex',
      ),
    ],
    seedsMax: 60,
  },
  {
    name: 'applied-before-durable',
    what: 'committed entries are applied before they are on the own disk',
    patches: [
      patch(
        'raft/src/raft-log.ts',
        'return Math.min(this.#commitIndex, this.#persistence.persistedIndex);',
        'return Math.max(this.#commitIndex, Math.min(0, this.#persistence.persistedIndex));',
      ),
    ],
    seedsMax: 100,
  },
  {
    name: 'stale-read-before-first-commit',
    what: 'a new leader answers reads before an entry of its own term is committed',
    patches: [
      patch(
        'raft/src/raft-state.ts',
        'return this.log.commitIndex >= this.termStartIndex;',
        'return this.log.commitIndex >= 0 || this.termStartIndex > 0;',
      ),
    ],
    seedsMax: 100,
  },
  {
    name: 'read-without-round',
    what: 'a leader answers reads without asking whether it still leads',
    patches: [
      patch(
        'raft/src/read-index.ts',
        "if (read.basis === 'lease' && state.hasCommittedInTerm && isLeaseValid(state)) {",
        'if (state.hasCommittedInTerm && (isLeaseValid(state) || state.isLeader)) {',
      ),
    ],
    faults: ['usurped', 'isolate', 'oneWay'],
    seedsMax: 40,
  },
  {
    name: 'read-joins-round-under-way',
    what: 'a read takes the answer to a heartbeat that was sent before it was asked',
    patches: [
      patch(
        'raft/src/read-queue.ts',
        'if (this.#waiting.length + this.#readsInRounds < READS_PENDING_MAX) this.#waiting.push(read);',
        `const open = this.#rounds.at(-1);
    if (open !== undefined) {
      this.#rounds[this.#rounds.length - 1] = { ...open, reads: [...open.reads, read] };
      this.#readsInRounds += 1;
    } else if (this.#waiting.length < READS_PENDING_MAX) this.#waiting.push(read);`,
      ),
    ],
    seedsMax: 100,
  },
  {
    name: 'learner-counts',
    what: 'learners count in the quorum that commits',
    patches: [
      patch(
        'raft/src/progress-tracker.ts',
        'this.#voters = membership.voters.map((id) => this.#byId.get(id) as Progress);',
        'this.#voters = [...membership.voters, ...membership.learners].map((id) => this.#byId.get(id) as Progress);',
      ),
    ],
    seedsMax: 100,
  },
  {
    name: 'no-joint-configuration',
    what: 'membership changes in one step, however many change',
    patches: [
      patch(
        'raft/src/membership.ts',
        `    voters: change.voters,
    votersOutgoing: current.voters,`,
        `    voters: change.voters,
    votersOutgoing: current.voters.slice(0, 0),`,
      ),
    ],
    seedsMax: 200,
  },
  {
    name: 'membership-not-rolled-back',
    what: 'a membership stays in force after its entry was replaced',
    patches: [patch('raft/src/append.ts', 'state.memberships.truncateSuffix(from);', '')],
    seedsMax: 200,
  },
  {
    name: 'vote-by-length-alone',
    what: 'a longer log wins, whatever the term of its last entry',
    patches: [
      patch(
        'raft/src/raft-log.ts',
        'return id.term > lastTerm || (id.term === lastTerm && id.index >= this.lastIndex);',
        'return id.index >= this.lastIndex || id.term > lastTerm;',
      ),
    ],
    seedsMax: 200,
    faults: ['usurped'],
  },
  {
    name: 'commit-beyond-append',
    what: "a follower commits up to the leader's index, also what this message did not check",
    patches: [
      patch(
        'raft/src/handlers/append-entries.ts',
        'log.commitTo(Math.min(message.commit, last));',
        'log.commitTo(Math.min(message.commit, log.lastIndex));',
      ),
      CAUTIOUS_LEADER,
    ],
    seedsMax: 400,
    faults: ['usurped'],
  },
  {
    name: 'commit-notice-unmatched',
    what: 'a commit notice is believed for entries left over from another leader',
    patches: [
      patch(
        'raft/src/handlers/commit-notice.ts',
        'state.log.commitTo(Math.min(message.commit, state.matchedIndex));',
        'state.log.commitTo(Math.min(message.commit, state.log.lastIndex));',
      ),
      CAUTIOUS_LEADER,
    ],
    seedsMax: 600,
    faults: ['usurped'],
  },
  {
    name: 'membership-change-overlaps',
    what: 'a membership change begins while another is not committed',
    patches: [
      patch(
        'raft/src/membership-change.ts',
        `if (!isMembershipCommitted(state) || isJoint(state.membership)) return 'changePending';`,
        '',
      ),
      patch(
        'cluster/src/membership/next-step.ts',
        'if (membership.votersOutgoing.length > 0) return undefined;',
        '',
      ),
      patch(
        'cluster/src/driver/membership-leader.ts',
        'if (core.membership.votersOutgoing.length > 0) return undefined;',
        '',
      ),
    ],
    seedsMax: 400,
    faults: ['changedUnderFire', 'membership'],
  },
  {
    name: 'joint-counts-new-half',
    what: 'in a joint configuration only the new majority decides',
    patches: [
      patch(
        'raft/src/quorum.ts',
        'return Math.min(majorityValue(voters), majorityValue(votersOutgoing));',
        'return votersOutgoing.length < 0 ? 0 : majorityValue(voters);',
      ),
    ],
    seedsMax: 200,
    faults: ['changedUnderFire'],
  },
  {
    name: 'snapshot-over-newer-log',
    what: 'a snapshot that arrives throws away the entries behind it',
    patches: [
      patch(
        'raft/src/handlers/install-snapshot.ts',
        'if (log.has(snapshot)) {',
        'if (log.has(snapshot) && snapshot.index === log.lastIndex) {',
      ),
    ],
    seedsMax: 400,
    faults: ['answersLost'],
  },
  {
    name: 'old-snapshot-taken',
    what: 'a snapshot that was overtaken by the log is installed',
    patches: [
      patch(
        'raft/src/handlers/install-snapshot.ts',
        'if (snapshot.index > log.commitIndex) {',
        'if (snapshot.index > 0) {',
      ),
      patch(
        'raft/src/handlers/install-snapshot.ts',
        'if (log.has(snapshot)) {',
        'if (log.has(snapshot) && snapshot.index > log.commitIndex) {',
      ),
      patch(
        'cluster/src/driver/snapshot-transfer.ts',
        'offer.snapshot.index > owner.core.commitIndex && offer.term >= owner.core.term;',
        'offer.term >= owner.core.term;',
      ),
    ],
    seedsMax: 200,
    faults: ['answersLost'],
  },
  {
    name: 'leads-on-after-handing-over',
    what: 'a leader that has appointed its successor goes on leading its own term',
    patches: [
      patch(
        'raft/src/transfer.ts',
        'becomeFollower(state, term, NO_NODE);\n  if (isAppointment)',
        'state.transferTarget = NO_NODE;\n  state.resignationDue = false;\n  if (isAppointment)',
      ),
    ],
    seedsMax: 200,
    faults: ['lossyLinks', 'transfer'],
  },
  {
    name: 'appointed-without-the-log',
    what: 'a successor leads although it lacks some of what its predecessor had',
    patches: [
      patch(
        'raft/src/handlers/hand-over.ts',
        'log.lastIndex === lastIndex && log.lastTerm === lastTerm;',
        '(log.lastIndex <= lastIndex || log.lastTerm === lastTerm);',
      ),
    ],
    seedsMax: 60,
    faults: ['lossyLinks', 'transfer'],
  },
  {
    name: 'elected-to-a-term-that-is-handed-on',
    what: 'candidates campaign for the next term, whoever may have been appointed to it',
    patches: [
      patch(
        'raft/src/terms.ts',
        'return Math.ceil(term / TERMS_PER_ELECTION) * TERMS_PER_ELECTION + 1;',
        'return term + Math.min(1, TERMS_PER_ELECTION);',
      ),
      patch(
        'raft/src/handlers/request-vote.ts',
        'if (!isElectionTerm(message.term)) return false;',
        'if (!isElectionTerm(message.term) && message.term < 0) return false;',
      ),
      patch(
        'raft/src/handlers/request-pre-vote.ts',
        'if (!isElectionTerm(message.term)) return false;',
        'if (!isElectionTerm(message.term) && message.term < 0) return false;',
      ),
    ],
    seedsMax: 60,
  },
  {
    name: 'no-pre-vote',
    what: 'a node that misses its leader campaigns at once, without asking whether it would be elected',
    patches: [
      patch(
        'raft/src/election.ts',
        'if (state.isPromotable && !state.isHeldBack) startPreVote(state);',
        `if (state.isPromotable && state.isLeader) startPreVote(state);
  else if (state.isPromotable && !state.isHeldBack) startElection(state, 'preVoteWon');`,
      ),
    ],
    seedsMax: 100,
  },
];
