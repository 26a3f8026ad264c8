import type { Logger } from '../logger.ts';
import type { ServerStatus } from '../server/server.ts';

/**
 * A line for each change of leadership. A node without a leader asks for an election many times a second,
 * and is refused as often: that is one line, and not all that there is in the log.
 */
export class LeadershipLog {
  readonly #log: Logger;
  #last = '';

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param status as of now */
  note({ role, term, leaderId, isServing }: ServerStatus): void {
    const isAsking = role === 'follower' || role === 'preCandidate';
    const seen = `${isAsking ? 'follower' : role} ${term} ${leaderId} ${isServing}`;
    if (seen === this.#last) return;
    this.#last = seen;
    this.#log.info('leadership', { role, term, leader: leaderId, serving: isServing });
  }
}
