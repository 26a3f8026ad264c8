import type { Members } from '@bellwether/cluster';
import type { MemberConfig } from '../node-config.ts';
import { memberConfigOf, serverLine } from './member-note.ts';

/** Who the members are, as this node knows from whatever told it last. */
export class KnownMembers {
  readonly #reported: () => Members | undefined;
  readonly #founders: readonly MemberConfig[];
  #decided: Members | undefined;

  /**
   * @param reported what the consensus thread says, now and then
   * @param founders of the settings, for as long as nothing better is known
   */
  constructor(reported: () => Members | undefined, founders: readonly MemberConfig[]) {
    this.#reported = reported;
    this.#founders = founders;
  }

  /** An entry of the log, or the leader's answer, names these. */
  onDecided(members: Members): void {
    if (members.version >= (this.#decided?.version ?? -1)) this.#decided = members;
  }

  /** Undefined on a node that has yet to join. */
  get newest(): Members | undefined {
    const reported = this.#reported();
    const decided = this.#decided;
    return (reported?.version ?? -1) > (decided?.version ?? -1) ? reported : decided;
  }

  /** In order of their ids. */
  get configs(): readonly MemberConfig[] {
    return this.newest?.members.map(memberConfigOf) ?? this.#founders;
  }
}

const encoder = new TextEncoder();

/**
 * What /zookeeper/config says of these members. Undefined for a server on its own, which has no peers
 * and, as in ZooKeeper, no configuration.
 */
export function configurationOf({ version, members }: Members): Uint8Array | undefined {
  const configs = members.map(memberConfigOf);
  if (configs.length === 1 && configs[0]?.port === 0) return undefined;
  const lines = [...configs.map(serverLine), `version=${version.toString(16)}`];
  return encoder.encode(lines.join('\n'));
}
