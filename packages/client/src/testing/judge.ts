import { Ledger, type Outcome } from './ledger.ts';
import { Referee, type Claim, type Rule } from './referee.ts';

/** The resources that recipes protect in a soak. */
export const RULES = {
  lock: { most: 1 },
  lockOfCurator: { most: 1 },
  readWriteLock: { most: 1 },
  election: { most: 1 },
  semaphore: { most: 3 },
} as const satisfies Readonly<Record<string, Rule>>;
export type Resource = keyof typeof RULES;

/** What roles tell of what they do; from another process, so that each takes its time. */
export interface Judge {
  look(): Promise<number>;
  claim(claim: Claim): Promise<'accepted' | 'refused'>;
  leave(resource: string, token: number): Promise<void>;
  count(counter: string, outcome: Outcome): Promise<void>;
  put(item: string, outcome: Outcome): Promise<void>;
  complete(item: string, outcome: Outcome): Promise<void>;
  /** A barrier is there for certain from `raised` on until `lifting`. */
  barrier(what: 'raised' | 'lifting'): Promise<void>;
  /** Somebody who looked then has passed now. */
  passed(lookedAt: number): Promise<void>;
}

/** A judge in this process. */
export class LocalJudge implements Judge {
  readonly referee = new Referee(RULES);
  readonly ledger = new Ledger();
  #raisedAt: number | undefined;

  look(): Promise<number> {
    return Promise.resolve(this.referee.look());
  }

  claim(claim: Claim): Promise<'accepted' | 'refused'> {
    return Promise.resolve(this.referee.claim(claim));
  }

  leave(resource: string, token: number): Promise<void> {
    return Promise.resolve(this.referee.leave(resource, token));
  }

  count(counter: string, outcome: Outcome): Promise<void> {
    return Promise.resolve(this.ledger.count(counter, outcome));
  }

  put(item: string, outcome: Outcome): Promise<void> {
    return Promise.resolve(this.ledger.put(item, outcome));
  }

  complete(item: string, outcome: Outcome): Promise<void> {
    return Promise.resolve(this.ledger.complete(item, outcome));
  }

  barrier(what: 'raised' | 'lifting'): Promise<void> {
    this.#raisedAt = what === 'raised' ? this.referee.tick() : undefined;
    return Promise.resolve();
  }

  passed(lookedAt: number): Promise<void> {
    if (this.#raisedAt !== undefined && lookedAt >= this.#raisedAt) {
      this.referee.violations.push('barrier: somebody passed while it was raised');
    }
    return Promise.resolve();
  }
}
