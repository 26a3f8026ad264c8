/*
 * What a run is done again by, on one line: seed/nodes/length of the phase with faults/clients/strikes. What
 * is not fixed is left empty; no strikes at all are `none`.
 */

/** A run that can be done again. */
export interface ReplayedRun {
  readonly seed: number;
  readonly nodes: number | undefined;
  readonly safetyMs: number | undefined;
  readonly clients: number | undefined;
  readonly strikes: readonly number[] | undefined;
}

export function encodeReplay({ seed, nodes, safetyMs, clients, strikes }: ReplayedRun): string {
  const list = strikes?.length === 0 ? 'none' : strikes?.join(',');
  return [seed, nodes, safetyMs, clients, list].map((part) => part ?? '').join('/');
}

/** @throws Error when it is not what a failure named */
export function decodeReplay(text: string): ReplayedRun {
  const parts = text.split('/');
  const [seed, nodes, safetyMs, clients] = parts.map(countIn);
  const list = parts[4] ?? '';
  const strikes = list === 'none' ? [] : list.split(',').map(countIn);
  if (seed === undefined || Number.isNaN(seed) || parts.length !== 5) {
    throw new Error(`replay: '${text}' is not what a failed run named`);
  }
  const isGiven = list !== '';
  return { seed, nodes, safetyMs, clients, strikes: isGiven ? (strikes as number[]) : undefined };
}

function countIn(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
}
