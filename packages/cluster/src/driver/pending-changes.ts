import type { RaftNode, RequestId } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';
import type { ChangeRequest, SendMembersMessage } from '../membership/members-message.ts';
import type { MembersChange, MembersOutcome } from '../membership/members.ts';

/**
 * Wishes for other members that were uttered at this node and not answered. They are held while there
 * is no leader, and said again until there is an answer: a change has a name, so the leader does each
 * once.
 */
export class PendingChanges {
  readonly #core: RaftNode;
  readonly #send: SendMembersMessage;
  readonly #onOutcome: (requestId: RequestId, outcome: MembersOutcome) => void;
  /** Makes names of changes different between the runs of a node, and between nodes. */
  readonly #namePrefix: string;
  readonly #waiting = new Map<RequestId, ChangeRequest>();
  #ticksToRetry = 0;

  constructor(
    core: RaftNode,
    namePrefix: string,
    send: SendMembersMessage,
    onOutcome: (requestId: RequestId, outcome: MembersOutcome) => void,
  ) {
    this.#core = core;
    this.#namePrefix = namePrefix;
    this.#send = send;
    this.#onOutcome = onOutcome;
  }

  add(requestId: RequestId, { ifVersion, members }: MembersChange): void {
    const changeId = `${this.#namePrefix}.${requestId}`;
    this.#waiting.set(requestId, { kind: 'change', requestId, changeId, ifVersion, members });
    this.#sendAll();
  }

  onAnswer(requestId: RequestId, outcome: MembersOutcome): void {
    if (this.#waiting.delete(requestId)) this.#onOutcome(requestId, outcome);
  }

  tick(): void {
    if (this.#waiting.size > 0 && --this.#ticksToRetry <= 0) this.#sendAll();
  }

  #sendAll(): void {
    this.#ticksToRetry = LIMITS.membershipCheckTicks;
    const { leaderId } = this.#core;
    if (leaderId === NO_NODE) return;
    for (const request of this.#waiting.values()) this.#send(leaderId, request);
  }
}
