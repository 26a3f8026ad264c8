import type { LogIndex, Membership, NodeId, RaftNode } from '@bellwether/raft';
import { decodeMembers } from '../membership/members-codec.ts';
import type { Members } from '../membership/members.ts';
import { findMember, participants } from '../membership/members.ts';
import type { SendMembersMessage } from '../membership/members-message.ts';
import type { PeerAddress, Transport } from '../transport/transport.ts';

interface Owner {
  readonly id: NodeId;
  readonly core: RaftNode;
  readonly transport: Transport;
}

/**
 * Follows the membership that is in force: with whom this node talks and where they are, and who comes
 * first in elections. Connections to newcomers are made as soon as the log names them; those to nodes
 * that left are kept until that is committed, for it may take them to commit it.
 */
export class MembershipView {
  readonly #owner: Owner;
  readonly #seeds: readonly PeerAddress[];
  readonly #priorities: Map<NodeId, number>;
  readonly #send: SendMembersMessage;
  #membership: Membership | undefined;
  #members: Members | undefined;
  #dismissedVersion: LogIndex = -1;
  #linked: ReadonlySet<NodeId> = new Set();

  /**
   * @param seeds where peers are by this node's own settings: whom a newcomer asks, and a second
   *   address to try for a member that is not where the log says
   * @param priorities the core's; kept up to date here
   */
  constructor(
    owner: Owner,
    seeds: readonly PeerAddress[],
    priorities: Map<NodeId, number>,
    send: SendMembersMessage,
  ) {
    this.#owner = owner;
    this.#seeds = seeds;
    this.#priorities = priorities;
    this.#send = send;
  }

  /** As the newest entry says, committed or not; undefined while nothing is known of addresses. */
  get members(): Members | undefined {
    return this.#members;
  }

  /** False once the node was removed, as far as it knows; a node that has yet to join isn't either. */
  get isMember(): boolean {
    const { core, id } = this.#owner;
    const isDismissed = (this.#members?.version ?? 0) < this.#dismissedVersion;
    return !isDismissed && participants(core.membership).has(id);
  }

  /** The others, and where they are; one may be there twice. */
  get peers(): readonly PeerAddress[] {
    const { id: ownId } = this.#owner;
    const members = this.#members;
    if (members === undefined) return this.#seeds.filter(({ id }) => id !== ownId);
    const ids = [...this.#linked].filter((id) => id !== ownId).sort((a, b) => a - b);
    return ids.flatMap((id) => {
      const seeds = this.#seeds.filter((seed) => seed.id === id);
      const member = findMember(members, id);
      if (member === undefined) return seeds;
      const { host, port } = member;
      const others = seeds.filter((seed) => seed.host !== host || seed.port !== port);
      return [{ id, host, port }, ...others];
    });
  }

  /** Looks whether another membership is in force. */
  look(): void {
    const { membership } = this.#owner.core;
    if (membership === this.#membership) return;
    this.#membership = membership;
    this.#members = decodeMembers(membership.context);
    this.#linked = new Set([...this.#linked, ...participants(membership)]);
    this.#owner.transport.setPeers(this.peers);
    if (this.#members === undefined) return;
    this.#priorities.clear();
    for (const { id, priority } of this.#members.members) this.#priorities.set(id, priority);
  }

  /** Parts from nodes that left, once that is committed. */
  prune(): void {
    const { core, transport } = this.#owner;
    const { membership } = core;
    const isSettled = core.membershipIndex <= core.commitIndex;
    if (this.#members === undefined || !isSettled || membership.votersOutgoing.length > 0) return;
    const staying = participants(membership);
    const gone = [...this.#linked].filter((id) => !staying.has(id) && id !== core.leaderId);
    if (gone.length === 0) return;
    const { version } = this.#members;
    for (const id of gone) this.#send(id, { kind: 'dismissal', version });
    transport.flush();
    this.#linked = new Set([...this.#linked].filter((id) => !gone.includes(id)));
    transport.setPeers(this.peers);
  }

  /** A peer says that this node is no member as of `version`. */
  onDismissed(version: LogIndex): void {
    this.#dismissedVersion = Math.max(this.#dismissedVersion, version);
  }
}
