import { ErrorCode, OpCode } from '@bellwether/protocol';
import type { KnownDifference, Seen } from './known-differences.ts';
import { opOf } from './op-of.ts';

/*
 * What ZooKeeper itself has changed from 3.8 to 3.9, which is the reference. These differences are
 * not Bellwether's, so the document does not have them.
 */

function isOlder(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  return major === 3 && minor! < 9;
}

function older(
  what: string,
  aftermath: KnownDifference['aftermath'],
  matches: (seen: Seen) => boolean,
): KnownDifference {
  return {
    id: `older-${what}`,
    reason: 'this ZooKeeper is older than 3.9 and does otherwise',
    aftermath,
    matches: (seen) => isOlder(seen.zooKeeperVersion) && matches(seen),
  };
}

/** For servers before 3.9 only. */
export const OLDER_SERVERS: readonly KnownDifference[] = [
  // create2 is answered as create is; a mode that is none fails the one operation, not the whole.
  older(
    'multi',
    'endRound',
    ({ request, mismatches, bellwether }) =>
      opOf(request) === 'multi' &&
      (bellwether === ErrorCode.marshallingError ||
        mismatches.some((each) => each.bellwether === String(OpCode.create2))),
  ),
  // Nobody is asked whether he may know that a znode exists.
  older(
    'exists',
    'endRound',
    ({ request, bellwether }) => opOf(request) === 'exists' && bellwether === ErrorCode.noAuth,
  ),
  // One watch on a path replaces another; there are no types for lasting ones.
  older('watches', 'endRound', ({ request, mismatches }) => {
    const isAboutWatches = ['checkWatches', 'removeWatches'].includes(opOf(request) ?? '');
    return isAboutWatches || mismatches.some(({ name }) => name === 'events');
  }),
];
