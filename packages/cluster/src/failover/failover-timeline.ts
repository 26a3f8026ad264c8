import type { NodeId, Role, Term } from '@bellwether/raft';
import { NO_NODE } from '@bellwether/raft';
import type { Clock } from '../clock.ts';
import type { Leadership } from '../service.ts';
import type { PeerMessage } from '../wire/peer-message.ts';
import type { Failover, FailoverCause, FailoverPhase } from './failover.ts';
import { FAILOVER_PHASES } from './failover.ts';

/** A change that is under way, and when each of its phases ended, so far. */
interface Change {
  readonly cause: FailoverCause;
  readonly beganMs: number;
  readonly beganAtMs: number;
  readonly oldLeaderId: NodeId;
  readonly oldTerm: Term;
  endedMs: Partial<Record<FailoverPhase, number>>;
}

export interface TimelineOptions {
  readonly clock: Clock;
  /** The newest term that this node knew when it started. */
  readonly term: Term;
  /** Whether writes wait at this node. */
  readonly hasWaiting: () => boolean;
  /** A change has come to its end. */
  readonly onFailover: (failover: Failover) => void;
}

/**
 * Watches one node's changes of leadership and notes how long each of their phases took. What is
 * suspected and comes to nothing (the same leader is heard again in the same term) leaves no trace.
 */
export class FailoverTimeline {
  readonly #options: TimelineOptions;
  #change: Change | undefined;
  /** The newest leader that was known, and its term. */
  #leaderId: NodeId = NO_NODE;
  #term: Term;
  #role: Role = 'follower';
  #heardMs: number;
  #count = 0;

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#term = options.term;
    this.#heardMs = options.clock.nowMs();
    this.#begin('start', this.#heardMs);
  }

  /** A peer's message, before it is acted upon. */
  onMessage(message: PeerMessage): void {
    if (message.from === this.#leaderId) this.#heardMs = this.#options.clock.nowMs();
    if (message.type === 'RequestVote' && message.isTransfer) this.onDoubted('transfer');
    if (message.type === 'HandOver') this.onDoubted('transfer');
    if (message.type === 'RequestVote' || message.type === 'RequestPreVote') this.onCampaign();
  }

  /** This node suspects its leader from now on; as leader, it is about to hand over. */
  onDoubted(cause: FailoverCause): void {
    if (this.#change !== undefined) return;
    this.#begin(cause, cause === 'silence' ? this.#heardMs : this.#options.clock.nowMs());
  }

  /** A hand-over that ended while this node still leads has come to nothing. */
  tick(isHandingOver: boolean): void {
    if (isHandingOver || this.#role !== 'leader') return;
    // The term has not moved, so nobody campaigned.
    if (this.#change?.endedMs.confirm === undefined) this.#change = undefined;
  }

  /** Somebody campaigns: this node, or another one that asks for its vote. */
  onCampaign(): void {
    this.#end('suspect');
  }

  /** Another leader or none, another term or role, or it begins to serve here. */
  onLeadership(leadership: Leadership): void {
    const { role, term, leaderId } = leadership;
    const isSame = leaderId === this.#leaderId && term === this.#term;
    if (!isSame) this.onDoubted(this.#causeOf(role, term));
    else if (this.#isBack()) this.#change = undefined;
    this.#role = role;
    if (this.#change !== undefined) this.#advance(this.#change, leadership);
  }

  /** A write that waited at this node was committed. */
  onOwnCommitted(): void {
    if (this.#change?.endedMs.catchUp !== undefined) this.#finish(this.#change);
  }

  /** Of a change that nothing announced. */
  #causeOf(role: Role, term: Term): FailoverCause {
    if (role === 'preCandidate') return 'silence';
    return this.#role === 'leader' && term === this.#term ? 'lost quorum' : 'campaign';
  }

  /** Whether the leader that is known is the one that was doubted, in the same term. */
  #isBack(): boolean {
    const change = this.#change;
    if (change === undefined || change.cause === 'start' || this.#role === 'leader') return false;
    return change.oldLeaderId === this.#leaderId && change.oldTerm === this.#term;
  }

  #begin(cause: FailoverCause, beganMs: number): void {
    const { clock } = this.#options;
    this.#change = {
      cause,
      beganMs,
      beganAtMs: clock.wallMs() - (clock.nowMs() - beganMs),
      oldLeaderId: this.#leaderId,
      oldTerm: this.#term,
      endedMs: {},
    };
  }

  #advance(change: Change, { term, leaderId, isServing }: Leadership): void {
    if (term > change.oldTerm) {
      this.#end('suspect');
      this.#end('confirm');
    }
    if (leaderId !== this.#leaderId || term !== this.#term) {
      // Another leader than the one that was known, or that one is lost again before it served.
      const { suspect, confirm } = change.endedMs;
      change.endedMs = {
        ...(suspect !== undefined && { suspect }),
        ...(confirm !== undefined && { confirm }),
      };
    }
    if (leaderId === NO_NODE) return;
    if (leaderId !== this.#leaderId) this.#heardMs = this.#options.clock.nowMs();
    this.#leaderId = leaderId;
    this.#term = term;
    this.#end('elect');
    if (!isServing) return;
    this.#end('catchUp');
    if (!this.#options.hasWaiting()) this.#finish(change);
  }

  #end(phase: FailoverPhase): void {
    if (this.#change !== undefined) {
      this.#change.endedMs[phase] ??= this.#options.clock.nowMs();
    }
  }

  #finish(change: Change): void {
    this.#end('serve');
    this.#change = undefined;
    this.#count += 1;
    const { beganAtMs, cause, oldLeaderId, oldTerm, beganMs } = change;
    this.#options.onFailover({
      number: this.#count,
      beganAtMs,
      cause,
      oldLeaderId,
      oldTerm,
      newLeaderId: this.#leaderId,
      newTerm: this.#term,
      phasesMs: durationsOf(change),
      totalMs: (change.endedMs.serve ?? beganMs) - beganMs,
    });
  }
}

/** A phase that was not seen took no time: the next one began with it. */
function durationsOf({ beganMs, endedMs }: Change): Record<FailoverPhase, number> {
  const durations = { suspect: 0, confirm: 0, elect: 0, catchUp: 0, serve: 0 };
  let fromMs = beganMs;
  for (const phase of FAILOVER_PHASES) {
    const toMs = Math.max(fromMs, endedMs[phase] ?? fromMs);
    durations[phase] = toMs - fromMs;
    fromMs = toMs;
  }
  return durations;
}
