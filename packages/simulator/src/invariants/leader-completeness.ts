import type { LogIndex, NodeId, Term } from '@bellwether/raft';
import type { CommittedLog } from './committed-log.ts';
import { Violation } from './violation.ts';

/** The part of a leader's log that is looked at. */
export interface LeaderLog {
  readonly firstIndex: LogIndex;
  readonly lastIndex: LogIndex;
  /** Of an entry from firstIndex to lastIndex. */
  term(index: LogIndex): Term;
}

/**
 * "If a log entry is committed in a given term, then that entry will be present in the logs of the
 * leaders for all higher-numbered terms" (Raft section 5.4).
 */
export class LeaderCompleteness {
  readonly #committed: CommittedLog;

  constructor(committed: CommittedLog) {
    this.#committed = committed;
  }

  /** Node `nodeId` leads `term`; looks at all committed entries from `from` on. */
  check(nodeId: NodeId, term: Term, log: LeaderLog, from: LogIndex): void {
    const last = this.#committed.lastIndex;
    for (let index = Math.max(from, log.firstIndex); index <= last; index++) {
      const committedTerm = this.#committed.term(index);
      // Only leaders of later terms are bound by what was committed in one: the entry may be older (figure 8).
      if (committedTerm === undefined || this.#committed.committedIn(index)! >= term) continue;
      const has = index <= log.lastIndex ? log.term(index) : undefined;
      if (has === committedTerm) continue;
      const leader = `node ${nodeId}, leader of term ${term},`;
      const what = has === undefined ? 'nothing' : `an entry of term ${has}`;
      const where = `at index ${index}, where ${committedTerm}/${index} is committed`;
      throw new Violation('leaderCompleteness', `${leader} has ${what} ${where}`);
    }
  }
}
