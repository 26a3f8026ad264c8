/** What is protected by one recipe, and how many may hold it at once. */
export interface Rule {
  /** Of those who do not share it: 1 for locks. */
  readonly most: number;
}

/** Somebody who says that it holds something. */
export interface Claim {
  readonly resource: string;
  /** Who it is, for the report. */
  readonly holder: string;
  readonly token: number;
  /** Readers share it with each other, but not with writers. */
  readonly mode: 'exclusive' | 'shared';
  /** What `look` said, before the holder looked whether it holds it and found that it does. */
  readonly lookedAt: number;
}

interface Belief extends Claim {
  /** The holder believed it from here to there, for certain. */
  readonly from: number;
  until: number;
  hasLeft: boolean;
}

/** So many beliefs of one resource are remembered. */
const BELIEFS_KEPT = 200;

/**
 * Decides who held what when, and knows nothing of clients, sessions or clocks: only the order in
 * which it was told. Whoever holds something asks for a number (`look`), then looks whether it still
 * holds it, then says so with the number. So it believed that it held it at some moment after the
 * number was given out; and since nobody holds again what it has lost, also at all moments before,
 * back to its first claim. More believers at one moment than the rule allows is a violation.
 *
 * It is the protected resource, too: a token lower than the highest is refused. A claim that was on
 * its way while another took over is refused, and no violation.
 */
export class Referee {
  readonly violations: string[] = [];
  /** Claims by resource, and those among them that came too late. */
  readonly accepted = new Map<string, number>();
  refused = 0;
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #beliefs = new Map<string, Belief[]>();
  #now = 0;

  constructor(rules: Readonly<Record<string, Rule>>) {
    this.#rules = new Map(Object.entries(rules));
  }

  /** The number of what happened last. */
  look(): number {
    return this.#now;
  }

  /** Something else happened. */
  tick(): number {
    return ++this.#now;
  }

  /** Again and again while it is held. `refused`: somebody else has it by now. */
  claim(claim: Claim): 'accepted' | 'refused' {
    this.#now++;
    const beliefs = this.#beliefsIn(claim.resource);
    const known = beliefs.find(({ token }) => token === claim.token);
    if (known === undefined && this.#comesTooLate(claim, beliefs)) return 'refused';
    const belief = known ?? { ...claim, from: this.#now, until: this.#now, hasLeft: false };
    if (known === undefined) {
      beliefs.push(belief);
      if (beliefs.length > BELIEFS_KEPT) beliefs.shift();
      this.accepted.set(claim.resource, (this.accepted.get(claim.resource) ?? 0) + 1);
    } else if (known.holder !== claim.holder || known.hasLeft) {
      this.#violate(claim, `has the token of ${known.holder}`);
    }
    belief.until = Math.max(belief.until, claim.lookedAt);
    this.#check(belief, beliefs);
    return 'accepted';
  }

  /** It is given back. */
  leave(resource: string, token: number): void {
    this.#now++;
    const belief = this.#beliefsIn(resource).find((each) => each.token === token);
    if (belief !== undefined) belief.hasLeft = true;
  }

  /** A new claim with a token that is not the highest. */
  #comesTooLate(claim: Claim, beliefs: readonly Belief[]): boolean {
    if (this.#ruleOf(claim.resource).most > 1) return false;
    const newer = beliefs.find((other) => other.token > claim.token && isRival(claim, other));
    if (newer === undefined) return false;
    this.refused++;
    if (claim.lookedAt >= newer.from) {
      this.#violate(claim, `after ${newer.holder} with the token ${newer.token}`);
    }
    return true;
  }

  #check(belief: Belief, beliefs: readonly Belief[]): void {
    const { most } = this.#ruleOf(belief.resource);
    const beside = beliefs.filter(
      (other) => other !== belief && isRival(belief, other) && overlap(belief, other),
    );
    // The most crowded moment begins with somebody's belief.
    const moments = [belief, ...beside].map(({ from }) => from);
    for (const moment of moments) {
      if (moment < belief.from || moment > belief.until) continue;
      const there = beside.filter(({ from, until }) => from <= moment && moment <= until);
      if (there.length < most) continue;
      const others = there.map(({ holder, token }) => `${holder} (${token})`).join(', ');
      return this.#violate(belief, `beside ${others}`);
    }
  }

  #violate({ resource, holder, token }: Claim, what: string): void {
    this.violations.push(`${resource}: ${holder} with the token ${token} ${what}`);
  }

  #ruleOf(resource: string): Rule {
    const rule = this.#rules.get(resource);
    if (rule === undefined) throw new Error(`there is no rule for ${resource}`);
    return rule;
  }

  #beliefsIn(resource: string): Belief[] {
    const known = this.#beliefs.get(resource);
    if (known !== undefined) return known;
    const beliefs: Belief[] = [];
    this.#beliefs.set(resource, beliefs);
    return beliefs;
  }
}

function isRival(a: Claim, b: Claim): boolean {
  return a.mode === 'exclusive' || b.mode === 'exclusive';
}

function overlap(a: Belief, b: Belief): boolean {
  return a.from <= b.until && b.from <= a.until;
}
