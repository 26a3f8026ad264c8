import type { ClusterOptions } from './cluster.ts';
import { silenceBoundsFor } from './detection/limits.ts';
import { ClusterError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { ConsensusTiming } from './thread/messages.ts';

type GivenTiming = { readonly [K in keyof ConsensusTiming]?: ConsensusTiming[K] | undefined };

/** Fills in what is not given; the bounds of silence follow from the time between two beats. */
export function completeTiming(given: GivenTiming = {}): ConsensusTiming {
  const clock = {
    tickMs: given.tickMs ?? LIMITS.tickMs,
    heartbeatTicks: given.heartbeatTicks ?? LIMITS.heartbeatTicks,
    electionTicksMin: given.electionTicksMin ?? LIMITS.electionTicksMin,
    electionTicksSpread: given.electionTicksSpread ?? LIMITS.electionTicksSpread,
  };
  const bounds = silenceBoundsFor(clock.tickMs * clock.heartbeatTicks);
  const silenceMsMin = given.silenceMsMin ?? bounds.silenceMsMin;
  const silenceMsMax = given.silenceMsMax ?? Math.max(bounds.silenceMsMax, silenceMsMin);
  return { ...clock, silenceMsMin, silenceMsMax };
}

export const DEFAULT_TIMING: ConsensusTiming = completeTiming();

const NODE_ID_MAX = 2 ** 32 - 1;

/** Says everything that is wrong with the options at once; throws ClusterError BAD_OPTIONS. */
export function checkOptions(options: ClusterOptions): void {
  const mistakes: string[] = [];
  const ids = options.peers.map((peer) => peer.id);
  for (const id of ids) {
    if (!Number.isInteger(id) || id < 1 || id > NODE_ID_MAX) {
      mistakes.push(`peers: id ${id} is not a whole number from 1 to ${NODE_ID_MAX}`);
    }
  }
  if (new Set(ids).size < ids.length) mistakes.push('peers: an id occurs twice');
  if (!ids.includes(options.id)) mistakes.push(`id: node ${options.id} is not among the peers`);
  if (options.dataDir === '') mistakes.push('dataDir: is empty');
  mistakes.push(...mistakesInTiming(completeTiming(options.timing)));
  if (mistakes.length > 0) throw new ClusterError('BAD_OPTIONS', mistakes.join('; '));
}

function mistakesInTiming(timing: ConsensusTiming): string[] {
  const { tickMs, heartbeatTicks, electionTicksMin, electionTicksSpread } = timing;
  const mistakes: string[] = [];
  if (!(tickMs >= 1)) mistakes.push(`timing.tickMs: ${tickMs} is below 1`);
  if (!(heartbeatTicks >= 1)) mistakes.push(`timing.heartbeatTicks: ${heartbeatTicks} is below 1`);
  if (!(electionTicksMin > heartbeatTicks)) {
    const relation = `${electionTicksMin} is not above heartbeatTicks (${heartbeatTicks})`;
    mistakes.push(`timing.electionTicksMin: ${relation}`);
  }
  if (!(electionTicksSpread >= 1)) mistakes.push('timing.electionTicksSpread: is below 1');
  const { silenceMsMin, silenceMsMax } = timing;
  if (!(silenceMsMin > heartbeatTicks * tickMs)) {
    mistakes.push(`timing.silenceMsMin: ${silenceMsMin} is not above the time between two beats`);
  }
  if (!(silenceMsMax >= silenceMsMin)) {
    mistakes.push(`timing.silenceMsMax: ${silenceMsMax} is below silenceMsMin (${silenceMsMin})`);
  }
  return mistakes;
}
