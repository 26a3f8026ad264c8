import { type Mutant, patch } from './mutant.ts';

/** Bugs of the runtime: forwarding, delivery, time, reads of the origin. */
export const RUNTIME_MUTANTS: readonly Mutant[] = [
  {
    name: 'resent-too-early',
    what: 'a new leader takes what it is sent early without looking whether its log has it',
    patches: [
      patch(
        'cluster/src/driver/admission-queue.ts',
        'if (seenIndex >= termStartIndex || batch.length <= BATCH_ITEM_HEADER_BYTES) return true;',
        'if (seenIndex >= 0 || batch.length <= termStartIndex * 0) return true;',
      ),
    ],
    seedsMax: 40,
  },
  {
    name: 'admission-forgets',
    what: 'the leader does not remember which commands it has taken',
    patches: [
      patch(
        'cluster/src/forwarding/command-admission.ts',
        'if (sequence <= origin.sequence) return false;',
        '',
      ),
    ],
    seedsMax: 40,
  },
  {
    name: 'not-resent',
    what: 'what was lost with a leader is not sent to the next one',
    patches: [
      patch(
        'cluster/src/forwarding/pending-commands.ts',
        `    for (const batch of this.#batches) {
      if (this.isOpen)`,
        `    for (const batch of this.#batches) {
      if (batch.isSent) continue;
      if (this.isOpen)`,
      ),
    ],
    seedsMax: 20,
  },
  {
    name: 'resent-after-snapshot',
    what: 'commands that a snapshot may contain are sent again',
    patches: [
      patch(
        'cluster/src/forwarding/pending-commands.ts',
        `for (let batch = this.#batches[0]; batch?.isSent === true; batch = this.#batches[0]) {`,
        `for (let batch = this.#batches[0]; batch?.isSent === true && last.term < 0; batch = this.#batches[0]) {`,
      ),
    ],
    seedsMax: 400,
  },
  {
    name: 'time-goes-back',
    what: 'the leader stamps its wall clock, also when that is behind what is in the log',
    patches: [
      patch(
        'cluster/src/driver/admission-queue.ts',
        'this.#timeMs = Math.max(this.#timeMs, this.#wallMs());',
        'this.#timeMs = this.#wallMs();',
      ),
    ],
    seedsMax: 20,
  },
  {
    name: 'stamped-before-time-is-known',
    what: 'a new leader stamps commands before it has seen the times of the terms before',
    patches: [
      patch(
        'cluster/src/driver/admission-queue.ts',
        'if (this.#waiting.length === 0 && this.#isOpen) {',
        'if (this.#waiting.length === 0) {',
      ),
      patch(
        'cluster/src/driver/admission-queue.ts',
        'if (this.#waiting.length === 0 || !this.#isOpen) return;',
        'if (this.#waiting.length === 0 && !this.#isOpen) return;',
      ),
    ],
    seedsMax: 400,
  },
  {
    name: 'delivered-while-restoring',
    what: 'entries are applied to a state that is being replaced',
    patches: [
      patch(
        'cluster/src/driver/delivery.ts',
        'return !this.#isPaused && this.#bytes < LIMITS.deliveredBytesMax;',
        'return (!this.#isPaused || this.#bytes >= 0) && this.#bytes < LIMITS.deliveredBytesMax;',
      ),
    ],
    seedsMax: 100,
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
    seedsMax: 200,
    faults: ['membership', 'snapshot'],
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
        'if (term !== sending.term) return true;',
        'if (term < sending.term) return true;',
      ),
    ],
    seedsMax: 100,
  },
  {
    name: 'vote-of-a-past-term',
    what: 'commands go to whom this node voted for although it knows a later leader',
    patches: [
      patch(
        'cluster/src/forwarding/pending-commands.ts',
        'if (term === this.#term && this.#leaderId === NO_NODE) this',
        'if (term <= this.#term) this',
      ),
    ],
    application: 'zookeeper',
    seedsMax: 400,
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
    seedsMax: 200,
    faults: ['askedTwice'],
  },
];
