import { bothWays, type Loss, type Network } from '@bellwether/testbed';
import type { Ensemble } from '../ensemble.ts';
import type { Repair } from './faults.ts';

export type LinkCaseName =
  | 'link-followers'
  | 'link-leader'
  | 'link-from-leader'
  | 'link-to-leader'
  | 'node-cut'
  | 'node-mute'
  | 'node-deaf'
  | 'node-behind';

/** Who is who; positions. */
export interface Roles {
  readonly leader: number;
  /** The follower that something is wrong with. */
  readonly struck: number;
  /** The other one. */
  readonly well: number;
}

/** Something that is wrong beside the leader: whoever leads can go on. */
export interface LinkCase {
  readonly name: LinkCaseName;
  /** For tables. */
  readonly title: string;
  /** Whether clients can still reach the follower that is struck. */
  readonly isInReach: boolean;
  readonly strike: (network: Network, ensemble: Ensemble, roles: Roles) => Promise<Repair>;
}

export const LINK_CASES: readonly LinkCase[] = [
  lossy('link-followers', 'link between two followers cut', ({ struck, well }) =>
    bothWays(struck, well),
  ),
  lossy('link-leader', 'link between leader and follower cut', ({ leader, struck }) =>
    bothWays(leader, struck),
  ),
  lossy('link-from-leader', 'the same, only from the leader', ({ leader, struck }) => [
    { from: leader, to: struck },
  ]),
  lossy('link-to-leader', 'the same, only to the leader', ({ leader, struck }) => [
    { from: struck, to: leader },
  ]),
  {
    ...lossy('node-cut', 'follower cut off from all, and back', ({ struck }) =>
      bothWays(struck, 'everywhere'),
    ),
    isInReach: false,
  },
  lossy('node-mute', 'follower heard by no server', ({ leader, struck, well }) => [
    { from: struck, to: leader },
    { from: struck, to: well },
  ]),
  lossy('node-deaf', 'follower hears no server', ({ leader, struck, well }) => [
    { from: leader, to: struck },
    { from: well, to: struck },
  ]),
  {
    name: 'node-behind',
    title: 'follower killed, and back with an old log',
    isInReach: false,
    strike: (_network, ensemble, { struck }) => {
      ensemble.signal(struck, 'SIGKILL');
      return Promise.resolve(() => ensemble.restart(struck));
    },
  },
];

function lossy(
  name: LinkCaseName,
  title: string,
  losses: (ids: Roles) => readonly Loss[],
): LinkCase {
  return {
    ...{ name, title, isInReach: true },
    strike: (network, ensemble, { leader, struck, well }) => {
      const ids = [leader, struck, well].map((position) => ensemble.idOf(position));
      return network.lose(losses({ leader: ids[0]!, struck: ids[1]!, well: ids[2]! }));
    },
  };
}
