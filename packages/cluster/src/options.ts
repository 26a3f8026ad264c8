import type { ClusterOptions } from './cluster.ts';
import { ClusterError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { ConsensusTiming } from './thread/messages.ts';

export const DEFAULT_TIMING: ConsensusTiming = {
  tickMs: LIMITS.tickMs,
  heartbeatTicks: LIMITS.heartbeatTicks,
  electionTicksMin: LIMITS.electionTicksMin,
  electionTicksSpread: LIMITS.electionTicksSpread,
};

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
  mistakes.push(...mistakesInTiming({ ...DEFAULT_TIMING, ...options.timing }));
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
  return mistakes;
}
