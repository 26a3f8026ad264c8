import type { NodeId, RaftNode, RequestId } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import type { Clock } from '../clock.ts';
import { LIMITS } from '../limits.ts';
import { decodeMembersMessage, encodeMembersMessage } from '../membership/members-message.ts';
import { mistakesIn } from '../membership/members-check.ts';
import type { MembersMessage } from '../membership/members-message.ts';
import type { Members, MembersChange, MembersOutcome } from '../membership/members.ts';
import type { PeerAddress, Transport } from '../transport/transport.ts';
import { MembershipLeader } from './membership-leader.ts';
import { MembershipView } from './membership-view.ts';
import { PendingChanges } from './pending-changes.ts';

interface Owner {
  readonly id: NodeId;
  readonly core: RaftNode;
  readonly transport: Transport;
}

export interface MembershipSurroundings {
  readonly seeds: readonly PeerAddress[];
  /** The core's, kept up to date. */
  readonly priorities: Map<NodeId, number>;
  readonly incarnation: number;
  readonly clock: Clock;
  /** After so long a dead voter is removed, if enough are left; Infinity: never. */
  readonly removeDeadAfterMs: number;
  readonly onEvent: (text: string) => void;
  readonly onOutcome: (requestId: RequestId, outcome: MembersOutcome) => void;
}

/** All that a node does about who its members are: follow, ask, and, as the leader, decide. */
export class MembershipDuties {
  readonly #owner: Owner;
  readonly #onEvent: (text: string) => void;
  readonly #onOutcome: MembershipSurroundings['onOutcome'];
  readonly #view: MembershipView;
  readonly #pending: PendingChanges;
  readonly #leader: MembershipLeader;
  #ticksToCheck: number = LIMITS.membershipCheckTicks;

  constructor(owner: Owner, surroundings: MembershipSurroundings) {
    const { seeds, priorities, incarnation, onOutcome, onEvent } = surroundings;
    const send = (to: NodeId, message: MembersMessage): void => this.#send(to, message);
    this.#owner = owner;
    this.#onEvent = onEvent;
    this.#onOutcome = onOutcome;
    this.#view = new MembershipView(owner, seeds, priorities, send);
    this.#pending = new PendingChanges(owner.core, `${owner.id}.${incarnation}`, send, onOutcome);
    this.#leader = new MembershipLeader(owner, () => this.members, send, surroundings);
  }

  /** As the newest entry says; undefined while nothing is known of addresses. */
  get members(): Members | undefined {
    return this.#view.members;
  }

  get peers(): readonly PeerAddress[] {
    return this.#view.peers;
  }

  get isMember(): boolean {
    return this.#view.isMember;
  }

  /** Nobody else has to be asked. */
  get isOnlyVoter(): boolean {
    const { voters, votersOutgoing } = this.#owner.core.membership;
    return voters.length === 1 && voters[0] === this.#owner.id && votersOutgoing.length === 0;
  }

  /**
   * Who knows of no leader may be behind in who the members are: the leader may have joined since. What a
   * stranger says can do no harm that a member's words can't: a majority of the members decides.
   */
  mayBeMember(stranger: NodeId): boolean {
    const { leaderId } = this.#owner.core;
    return leaderId === NO_NODE || leaderId === stranger;
  }

  /** After all that may have changed the membership or committed it. */
  look(): void {
    this.#view.look();
    this.#leader.look();
  }

  tick(): void {
    this.#pending.tick();
    if (--this.#ticksToCheck > 0) return;
    this.#ticksToCheck = LIMITS.membershipCheckTicks;
    this.#view.prune();
    this.#leader.tick();
  }

  /** A wish of this node's service. What can't be is refused here, and not brought before the leader. */
  onWanted(requestId: RequestId, change: MembersChange): void {
    const { members } = this;
    const message = mistakesIn(change.members).join('; ');
    if (message === '' || members === undefined) return this.#pending.add(requestId, change);
    this.#onOutcome(requestId, { outcome: 'refused', reason: 'badMembers', message, members });
  }

  onMessage(from: NodeId, bytes: Uint8Array): void {
    const message = decodeMembersMessage(bytes);
    if (message === undefined)
      return this.#onEvent(`node ${from} says what is not understood here`);
    this.#on(from, message);
  }

  #on(from: NodeId, message: MembersMessage): void {
    switch (message.kind) {
      case 'change':
        return this.#leader.onRequest(from, message);
      case 'answer':
        return this.#pending.onAnswer(message.requestId, message.outcome);
      case 'dismissal':
        this.#onEvent(`node ${from} says: this node is no member since version ${message.version}`);
        return this.#view.onDismissed(message.version);
      default:
        return message satisfies never;
    }
  }

  #send(to: NodeId, message: MembersMessage): void {
    const { id: from, transport } = this.#owner;
    if (to === from) return this.#on(from, message);
    transport.send({ type: 'MembersMessage', from, to, bytes: encodeMembersMessage(message) });
  }
}
