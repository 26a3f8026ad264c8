import { ClusterError } from '../errors.ts';
import type { Member, Members, MembersChange, MembersOutcome } from '../membership/members.ts';
import type { Consensus } from '../service.ts';
import { patiently, type CallOptions } from './patience.ts';
import type { Forget, Waiter } from './waiter.ts';

interface MemberChangesOptions {
  readonly consensus: Pick<Consensus, 'status'>;
  readonly wish: (change: MembersChange, waiter: Waiter<MembersOutcome>) => Forget;
}

const CHANGE = { what: 'the change of members', afterwards: 'mayHappen' } as const;

/** Changes of the members that are about one node, whatever others change meanwhile. */
export class MemberChanges {
  readonly #options: MemberChangesOptions;
  /** As the last answer said, which may be ahead of the status. */
  #newest: Members | undefined;

  constructor(options: MemberChangesOptions) {
    this.#options = options;
  }

  /** The newest that is known; undefined on a node that has yet to join. */
  get current(): Members | undefined {
    const { members } = this.#options.consensus.status;
    const newest = this.#newest;
    const isNewer = newest !== undefined && newest.version > (members?.version ?? -1);
    return isNewer ? newest : members;
  }

  async change(
    options: CallOptions,
    change: (members: readonly Member[]) => readonly Member[],
  ): Promise<Members> {
    let { current } = this;
    if (current === undefined) {
      throw new ClusterError('MEMBERS_REFUSED', 'this node is no member yet: ask one that is');
    }
    for (;;) {
      const wish: MembersChange = { ifVersion: current.version, members: change(current.members) };
      const outcome: MembersOutcome = await patiently(CHANGE, options, (waiter) =>
        this.#options.wish(wish, waiter),
      );
      current = this.#newest = outcome.members;
      if (outcome.outcome === 'changed') return current;
      // Others were faster.
      if (outcome.reason === 'versionMismatch') continue;
      throw new ClusterError('MEMBERS_REFUSED', outcome.message);
    }
  }
}
