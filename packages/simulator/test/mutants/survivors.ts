import { CAUTIOUS_LEADER, type Mutant, patch } from './mutant.ts';
import { bug } from './session-mutants.ts';

/**
 * Bugs that the simulator has not found within these seeds: holes that are known. They are tried with
 * `npm run proof:mutants -- --survivors`; one that is found moves to where it belongs.
 */
export const SURVIVORS: readonly Mutant[] = [
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
    seedsMax: 200,
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
    seedsMax: 200,
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
    seedsMax: 200,
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
    seedsMax: 400,
  },
  {
    name: 'snapshot-of-newest-membership',
    what: 'a snapshot carries the newest membership of the log, not that of its index',
    patches: [
      patch(
        'cluster/src/driver/snapshot-taker.ts',
        'membership: this.#core.membershipAt(index),',
        'membership: this.#core.membership,',
      ),
    ],
    seedsMax: 400,
  },
  {
    name: 'admission-of-another-term',
    what: 'a leader takes commands that were sent for another term',
    patches: [
      patch(
        'cluster/src/forwarding/command-admission.ts',
        'return term === this.#term;',
        'return term <= this.#term;',
      ),
      patch(
        'cluster/src/driver/admission-queue.ts',
        'if (this.#core.term !== term) return true;',
        'if (this.#core.term < term) return true;',
      ),
    ],
    seedsMax: 100,
  },
  {
    name: 'read-number-used-again',
    what: 'the answer to a read of an earlier run is taken for one to a new read',
    patches: [
      patch(
        'cluster/src/driver/pending-reads.ts',
        'this.#number = incarnation * REQUESTS_PER_INCARNATION;',
        'this.#number = incarnation * REQUESTS_PER_INCARNATION * 0;',
      ),
    ],
    seedsMax: 1000,
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
    seedsMax: 20,
  },
  {
    name: 'segments-removed-too-early',
    what: 'segments go before the record that says so is durable',
    patches: [
      patch(
        'storage/src/log-writer.ts',
        'this.#unneededAfter = this.#filling.sequence;',
        'this.#unneededAfter = 0;\n    this.#removeUnneeded();',
      ),
    ],
    seedsMax: 400,
  },
  bug(
    'multi-half-done',
    'a multi that fails leaves behind what came before the failure',
    20,
    patch(
      'coordination/src/operations/multi.ts',
      'context.tree.rollback();',
      'context.tree.commit();',
    ),
  ),
  bug(
    'sequence-used-again',
    'sequence numbers count the children that are there, not those that ever were',
    20,
    patch(
      'coordination/src/operations/create.ts',
      'String(parent.childrenCreated).padStart',
      'String(parent.numChildren).padStart',
    ),
  ),
  bug(
    'moved-session-writes',
    'a request that was under way when its client went elsewhere is executed',
    100,
    patch(
      'coordination/src/operations/request.ts',
      'if (session.owner !== owner) return failed(ErrorCode.sessionMoved);',
      'if (session.owner !== owner && owner < 0) return failed(ErrorCode.sessionMoved);',
    ),
  ),
  bug(
    'stale-expiry',
    'an expiry that an earlier leader decided ends a session of which the next one has heard',
    200,
    patch(
      'bellwether/src/server/expiry-command.ts',
      'return expiry.term === term ? payload.subarray(0, CLOSE_SESSION_BYTES) : undefined;',
      'return expiry.term <= term ? payload.subarray(0, CLOSE_SESSION_BYTES) : undefined;',
    ),
  ),
  bug(
    'expired-by-follower',
    'followers judge sessions by their own clocks, though clients are heard by others',
    40,
    patch(
      'bellwether/src/server/session-upkeep.ts',
      "const isLeading = leadership.role === 'leader' && leadership.isServing;",
      'const isLeading = leadership.isServing;',
    ),
  ),
  bug(
    'snapshot-not-exact',
    'a snapshot holds znodes as they are when their turn comes, not as they were at its index',
    60,
    patch(
      'coordination/src/snapshot-writer.ts',
      'if (znode.snapshotNumber !== this.number) this.write(znode);',
      'if (znode.snapshotNumber > this.number) this.write(znode);',
    ),
  ),
];
