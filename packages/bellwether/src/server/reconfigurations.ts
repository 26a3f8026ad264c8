import type { Consensus, MembersOutcome, MembersRefusal } from '@bellwether/cluster';
import type { Coordinator } from '@bellwether/coordination';
import {
  ErrorCode,
  JuteReader,
  ProtocolError,
  readReconfigRequest,
  type ReconfigRequest,
} from '@bellwether/protocol';
import type { RequestId } from '@bellwether/raft';
import { assert } from './assert.ts';
import type { KnownMembers } from './known-members.ts';
import { membersAskedFor } from './reconfig-request.ts';
import type { WaitingRequest } from './waiting-request.ts';

const ANY_VERSION = -1;

const CODES: Readonly<Record<MembersRefusal, ErrorCode>> = {
  versionMismatch: ErrorCode.badVersion,
  noQuorum: ErrorCode.newConfigNoQuorum,
  badMembers: ErrorCode.badArguments,
};

interface Reconfiguration {
  readonly waiting: WaitingRequest;
  readonly asked: ReconfigRequest;
}

/** Clients' requests for other members: ZooKeeper's reconfig. */
export class Reconfigurations {
  readonly #rule: 'refused' | 'allowed';
  readonly #coordinator: Coordinator;
  readonly #members: KnownMembers;
  readonly #onDecided: (request: WaitingRequest) => void;
  readonly #onRefused: (why: string) => void;
  readonly #underway = new Map<RequestId, Reconfiguration>();
  readonly #reader = new JuteReader();
  #consensus: Consensus | undefined;

  /**
   * @param onDecided the request has its verdict, and waits no more but for `readIndex` to be applied
   * @param onRefused a line for the log
   */
  constructor(parts: {
    readonly rule: 'refused' | 'allowed';
    readonly coordinator: Coordinator;
    readonly members: KnownMembers;
    readonly onDecided: (request: WaitingRequest) => void;
    readonly onRefused: (why: string) => void;
  }) {
    this.#rule = parts.rule;
    this.#coordinator = parts.coordinator;
    this.#members = parts.members;
    this.#onDecided = parts.onDecided;
    this.#onRefused = parts.onRefused;
  }

  attach(consensus: Consensus): void {
    this.#consensus = consensus;
  }

  /**
   * The request's turn has come, and this node's state is as new as the request: decides at once what
   * needs no leader, in ZooKeeper's order of checks.
   */
  begin(request: WaitingRequest): void {
    request.verdict = 'underway';
    const asked = this.#asked(request);
    if (typeof asked === 'number') return this.#decide(request, asked);
    this.#ask({ waiting: request, asked });
  }

  onOutcome(requestId: RequestId, outcome: MembersOutcome): void {
    const it = this.#underway.get(requestId);
    this.#underway.delete(requestId);
    this.#members.onDecided(outcome.members);
    if (it === undefined) return;
    const { waiting, asked } = it;
    if (outcome.outcome === 'changed') {
      waiting.readIndex = outcome.members.version;
      return this.#decide(waiting, ErrorCode.ok);
    }
    const { reason, message } = outcome;
    // Others were faster. Who names no version means whichever there is.
    if (reason === 'versionMismatch' && asked.curConfigId === ANY_VERSION) return this.#ask(it);
    this.#onRefused(message);
    this.#decide(waiting, CODES[reason]);
  }

  #asked(request: WaitingRequest): ReconfigRequest | ErrorCode {
    if (this.#rule === 'refused') return ErrorCode.reconfigDisabled;
    const { frame, start, end, connection } = request;
    assert(connection !== undefined, 'somebody asks');
    try {
      return readReconfigRequest(this.#reader.reset(frame, start, end));
    } catch (error) {
      if (error instanceof ProtocolError) return ErrorCode.marshallingError;
      throw error;
    }
  }

  #ask(it: Reconfiguration): void {
    const { waiting, asked } = it;
    const current = this.#members.newest;
    const isLone = current?.members.length === 1 && current.members[0]?.port === 0;
    if (current === undefined || isLone) return this.#decide(waiting, ErrorCode.unimplemented);
    const { version, members } = current;
    if (asked.curConfigId !== ANY_VERSION && asked.curConfigId !== version) {
      return this.#decide(waiting, ErrorCode.badVersion);
    }
    const reading = membersAskedFor(asked, members);
    if ('mistake' in reading) {
      this.#onRefused(reading.mistake);
      return this.#decide(waiting, ErrorCode.badArguments);
    }
    // As ZooKeeper, before it looks at who asks.
    if (!reading.members.some(({ role }) => role === 'voter')) {
      return this.#decide(waiting, ErrorCode.badArguments);
    }
    const identities = waiting.connection?.identities ?? [];
    if (!this.#coordinator.mayReconfigure(identities)) {
      return this.#decide(waiting, ErrorCode.noAuth);
    }
    assert(this.#consensus !== undefined, 'clients come after the consensus');
    const wish = { ifVersion: version, members: reading.members };
    this.#underway.set(this.#consensus.changeMembers(wish), it);
  }

  #decide(request: WaitingRequest, code: ErrorCode): void {
    request.verdict = code;
    if (request.connection !== undefined) this.#onDecided(request);
  }
}
