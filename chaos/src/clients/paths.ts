/**
 * Znodes that all clients of a round share. Each round has its own: a history that ends is judged in
 * seconds, one that goes on for hours is not.
 */
export interface Paths {
  /** Written over and over, never deleted. */
  readonly registers: readonly string[];
  /** Come and go. */
  readonly flags: readonly string[];
  /** Sequential znodes go below it. */
  readonly queue: string;
  /** Ephemerals go below it. */
  readonly ephemerals: string;
}

export function pathsOf(round: number): Paths {
  const named = (letter: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, i) => `/${letter}${i}-${round}`);
  return {
    registers: named('r', 6),
    flags: named('d', 3),
    queue: `/q-${round}`,
    ephemerals: `/e-${round}`,
  };
}
