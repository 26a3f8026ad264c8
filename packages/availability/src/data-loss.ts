import { exploreChain, meanTimesTo, type Transition } from './chain.ts';
import { quorumOf, type Scenario } from './scenario.ts';

/** Mean times in ms. */
export interface DataLoss {
  /**
   * Until the newest acknowledged write may be lost: every disk of a majority is lost at once, and by bad luck
   * it was on those alone.
   */
  readonly newestMs: number;
  /** Until everything is lost: all disks at once. */
  readonly allMs: number;
}

/**
 * Disks fail for good, each by itself, and are filled again from the others, all at once. The state is the
 * number of disks that lack data; a birth-death chain with rates (n - k) / MTBF upwards and k / rebuild
 * downwards.
 *
 * Source: Patterson, Gibson, Katz, A Case for Redundant Arrays of Inexpensive Disks, SIGMOD 1988, for the
 * question; the chain is that of Trivedi, 8.3.
 */
export function meanTimesToDataLoss({ members, disks }: Scenario): DataLoss {
  const count = members.voters;
  const to = (lost: number, ratePerMs: number): Transition<number> => ({ to: lost, ratePerMs });
  const chain = exploreChain<number>(
    0,
    (lost) => [
      ...(lost < count ? [to(lost + 1, (count - lost) / disks.mtbfMs)] : []),
      ...(lost > 0 ? [to(lost - 1, lost / disks.rebuildMs)] : []),
    ],
    String,
  );
  const until = (lost: number): number => meanTimesTo(chain, (state) => state >= lost)[0]!;
  return { newestMs: until(quorumOf(count)), allMs: until(count) };
}
