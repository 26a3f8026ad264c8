import type { LogIndex, NodeId, RaftNode, RequestId, Term } from '@bellwether/raft';
import type { Clock } from '../clock.ts';
import { CatchUpWatch } from '../membership/catch-up-watch.ts';
import { DeadVoterWatch } from '../membership/dead-voter-watch.ts';
import { mistakesIn } from '../membership/members-check.ts';
import { encodeMembers } from '../membership/members-codec.ts';
import type { ChangeRequest, SendMembersMessage } from '../membership/members-message.ts';
import type { Member, Members, MembersOutcome, MembersRefusal } from '../membership/members.ts';
import { participants } from '../membership/members.ts';
import type { Transport } from '../transport/transport.ts';
import type { MembershipStep } from '../membership/next-step.ts';
import { isReached, nextStep, stepTo } from '../membership/next-step.ts';

interface Owner {
  readonly id: NodeId;
  readonly core: RaftNode;
  readonly transport: Transport;
}

interface Waiter {
  readonly to: NodeId;
  readonly requestId: RequestId;
  /** It waits for the entry of their version: in this term its leader keeps it. */
  readonly members: Members;
  readonly term: Term;
}

/**
 * The leader's part in changes of the membership: it decides on wishes, and takes the steps that lead
 * to what was decided, whoever decided it.
 */
export class MembershipLeader {
  readonly #owner: Owner;
  readonly #members: () => Members | undefined;
  readonly #send: SendMembersMessage;
  readonly #clock: Clock;
  readonly #onEvent: (text: string) => void;
  readonly #deadVoters: DeadVoterWatch;
  readonly #catchUp = new CatchUpWatch();
  #waiters: Waiter[] = [];
  /** Whether the last change that was decided here is done, and that was said. */
  #isArrived = true;

  constructor(
    owner: Owner,
    members: () => Members | undefined,
    send: SendMembersMessage,
    surroundings: {
      readonly clock: Clock;
      readonly removeDeadAfterMs: number;
      readonly onEvent: (text: string) => void;
    },
  ) {
    this.#owner = owner;
    this.#members = members;
    this.#send = send;
    this.#clock = surroundings.clock;
    this.#deadVoters = new DeadVoterWatch(surroundings.removeDeadAfterMs);
    this.#onEvent = surroundings.onEvent;
  }

  /** Somebody's wish. Without an answer it is said again. */
  onRequest(from: NodeId, request: ChangeRequest): void {
    const members = this.#members();
    if (this.#owner.core.role !== 'leader' || members === undefined) return;
    if (this.#waiters.some((it) => it.to === from && it.requestId === request.requestId)) return;
    const { requestId, changeId } = request;
    if (changeId === members.changeId) {
      this.#await(from, requestId, members);
      return this.look();
    }
    const refusal = this.#refusalOf(request, members) ?? this.#begin(from, request, members);
    if (refusal !== undefined) this.#answer(from, requestId, refusal);
  }

  /** Answers those whose wish is committed; one whose entry may be gone will be said again. */
  look(): void {
    if (this.#waiters.length === 0) return;
    const { core } = this.#owner;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      const { to, requestId, members, term } = waiter;
      if (core.role !== 'leader' || core.term !== term) continue;
      if (members.version > core.commitIndex) this.#waiters.push(waiter);
      else this.#answer(to, requestId, { outcome: 'changed', members });
    }
  }

  /** Takes the next step, if its time has come. Called every `LIMITS.membershipCheckTicks`. */
  tick(): void {
    const { core } = this.#owner;
    const members = this.#members();
    if (core.role !== 'leader' || members === undefined) return this.#reset();
    const hasKeptUp = (id: NodeId): boolean => this.#catchUp.hasKeptUp(id);
    this.#catchUp.check(core.status().progress, core.commitIndex);
    const step = nextStep(core.membership, members.members, hasKeptUp);
    if (step === undefined) {
      this.#reportArrival(members);
      return this.#removeDead(members);
    }
    if (!this.#hasQuorum(step)) return;
    const { outcome } = core.changeMembership(step);
    const who = `voters ${step.voters.join(', ')}, learners ${step.learners.join(', ') || 'none'}`;
    if (outcome === 'accepted') this.#onEvent(`the membership goes on to ${who}`);
  }

  #reset(): void {
    this.#catchUp.reset();
    this.#deadVoters.reset();
  }

  /** Where the configuration says so: as if somebody had asked for it. */
  #removeDead(current: Members): void {
    const { core, id } = this.#owner;
    const { membership } = core;
    if (!isReached(membership, current.members)) return;
    const isAlive = this.#livenessOfVoters();
    const dead = this.#deadVoters.check(membership.voters, isAlive, this.#clock.nowMs());
    if (dead === undefined) return;
    this.#onEvent(`node ${dead} is removed: it has been dead for too long`);
    const members = current.members.filter((member) => member.id !== dead);
    const { version: ifVersion } = current;
    const changeId = `dead.${dead}.${ifVersion}`;
    this.#begin(id, { kind: 'change', requestId: 0, changeId, ifVersion, members }, current);
  }

  #reportArrival({ version, members }: Members): void {
    const { core } = this.#owner;
    if (this.#isArrived || core.membershipIndex > core.commitIndex) return;
    if (!isReached(core.membership, members)) return;
    this.#isArrived = true;
    this.#onEvent(`the members are as decided in version ${version}`);
  }

  #refusalOf(request: ChangeRequest, current: Members): MembersOutcome | undefined {
    if (request.ifVersion !== current.version) {
      const text = `the members are those of version ${current.version}, not ${request.ifVersion}`;
      return refused('versionMismatch', text, current);
    }
    const mistakes = mistakesIn(request.members);
    return mistakes.length > 0 ? refused('badMembers', mistakes.join('; '), current) : undefined;
  }

  #begin(from: NodeId, request: ChangeRequest, current: Members): MembersOutcome | undefined {
    const { core } = this.#owner;
    // One change at a time: without an answer the wish is said again.
    if (core.membership.votersOutgoing.length > 0) return undefined;
    const step = stepTo(core.membership, request.members, () => false);
    if (!this.#hasQuorum(step)) {
      const text = `of the voters ${step.voters.join(', ')} no majority is alive`;
      return refused('noQuorum', text, current);
    }
    const next = this.#nextMembers(request, current, core.lastIndex + 1);
    const result = core.changeMembership({ ...step, context: encodeMembers(next) });
    if (result.outcome !== 'accepted') return undefined;
    this.#isArrived = false;
    this.#await(from, request.requestId, next);
    this.#onEvent(`members as of version ${next.version}: ${listed(next.members)}`);
    return undefined;
  }

  #await(to: NodeId, requestId: RequestId, members: Members): void {
    this.#waiters.push({ to, requestId, members, term: this.#owner.core.term });
  }

  #nextMembers(request: ChangeRequest, current: Members, version: LogIndex): Members {
    const ids = new Set(request.members.map(({ id }) => id));
    const taking = participants(this.#owner.core.membership);
    const former = [...current.members, ...current.leaving];
    return {
      version,
      timeMs: Math.max(current.timeMs, this.#clock.wallMs()),
      changeId: request.changeId,
      members: [...request.members].sort((a, b) => a.id - b.id),
      leaving: former.filter(({ id }) => taking.has(id) && !ids.has(id)),
    };
  }

  /** Whether a majority of those who would vote is alive: without it, nothing would be decided again. */
  #hasQuorum({ voters }: MembershipStep): boolean {
    return voters.filter(this.#livenessOfVoters()).length * 2 > voters.length;
  }

  #livenessOfVoters(): (voter: NodeId) => boolean {
    const { core, id, transport } = this.#owner;
    const active = core.status().progress.filter((peer) => peer.recentlyActive);
    return (voter) =>
      voter === id ||
      (transport.isConnected(voter) && active.some(({ nodeId }) => nodeId === voter));
  }

  #answer(to: NodeId, requestId: RequestId, outcome: MembersOutcome): void {
    this.#send(to, { kind: 'answer', requestId, outcome });
  }
}

function refused(reason: MembersRefusal, message: string, members: Members): MembersOutcome {
  return { outcome: 'refused', reason, message, members };
}

function listed(members: readonly Member[]): string {
  return members.map(({ id, role, host, port }) => `${id} (${role}, ${host}:${port})`).join(', ');
}
