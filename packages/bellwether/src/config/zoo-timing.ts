import { TIMING_DEFAULT } from './defaults.ts';
import type { TimingConfig } from '../node-config.ts';
import type { ZooSettings } from './zoo-settings.ts';

const INT_MAX = 2 ** 31 - 1;
/** tickTime and syncLimit of ZooKeeper's sample file: after so long a follower leaves a silent leader. */
const CUSTOMARY_MS = 2_000 * 5;
const PATIENCE_MAX = 20;

/**
 * ZooKeeper gives a silent leader up after `syncLimit` times `tickTime`. Here the silence is learned, so
 * only its upper bound follows: whoever asks for more patience than is customary gets more by as much.
 * Less than that is what there is anyway.
 *
 * @param tickTimeMs ZooKeeper's, which has nothing to do with a tick here
 */
export function readZooTiming(settings: ZooSettings, tickTimeMs: number): TimingConfig {
  const limit = settings.whole('syncLimit', 1, INT_MAX);
  if (limit === undefined) return TIMING_DEFAULT;
  const patience = Math.min(PATIENCE_MAX, Math.max(1, (limit * tickTimeMs) / CUSTOMARY_MS));
  const { silenceMsMax, electionTicksMin } = TIMING_DEFAULT;
  return {
    ...TIMING_DEFAULT,
    silenceMsMax: Math.round(silenceMsMax * patience),
    electionTicksMin: Math.round(electionTicksMin * patience),
  };
}
