import type { Exchange } from './checked-session.ts';
import type { Mismatch } from './compare.ts';

/** The two systems have answered differently, and nobody has said that they may. */
export class Divergence extends Error {
  readonly session: number;
  readonly mismatches: readonly Mismatch[];
  /** What the session did before, oldest first, and last what was answered differently. */
  readonly history: readonly (Exchange | string)[];
  /** The same for what is probably the same bug. */
  readonly signature: string;

  constructor(
    what: string,
    session: number,
    mismatches: readonly Mismatch[],
    history: readonly (Exchange | string)[],
  ) {
    super(what);
    this.session = session;
    this.mismatches = mismatches;
    this.history = [...history];
    this.signature = `${what}: ${mismatches.slice(0, 2).map(signatureOf).join('; ')}`;
  }
}

/** A known difference after which the two states are not the same any more. */
export class EndOfRound extends Error {}

function signatureOf({ name, bellwether, zookeeper }: Mismatch): string {
  const isShort = name === 'error' || name === 'outcome';
  return isShort ? `${name} ${bellwether}/${zookeeper}` : name;
}
