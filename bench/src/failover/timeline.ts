import { askFourLetterWord } from '@bellwether/testbed';

/** A change of leadership as a server of Bellwether recorded it. */
export interface Timeline {
  /** Wall clock, ms since 1970. */
  readonly beganAtMs: number;
  readonly cause: string;
  readonly oldTerm: number;
  readonly newTerm: number;
  readonly phasesMs: Readonly<Record<string, number>>;
  readonly totalMs: number;
}

/** The newest change that the server at host:port has seen. */
export async function newestFailover(host: string): Promise<Timeline | undefined> {
  const text = await askFourLetterWord(host, 'fovr');
  const { failovers } = JSON.parse(text ?? '{"failovers":[]}') as {
    readonly failovers: readonly Timeline[];
  };
  return failovers.at(-1);
}
