import type { NodeId, Term } from '@bellwether/raft';

/** What a failover goes through, in this order (see docs/GLOSSARY.md). */
export const FAILOVER_PHASES = ['suspect', 'confirm', 'elect', 'catchUp', 'serve'] as const;
export type FailoverPhase = (typeof FAILOVER_PHASES)[number];

/**
 * Why the leadership changed, as far as this node knows:
 *
 * - start: it did not; this node began and found a leader, or elected one.
 * - connection closed: the leader's process ended, or the way to it.
 * - silence: nothing was heard of the leader for too long.
 * - stall: the leader could not write or not serve.
 * - transfer: the leader handed over, because it was told to or was stopped.
 * - lost quorum: this node led, and heard from no majority any more.
 * - campaign: another node had a reason; this one had noticed nothing.
 */
export type FailoverCause =
  'start' | 'connection closed' | 'silence' | 'stall' | 'transfer' | 'lost quorum' | 'campaign';

/** One change of leadership as one node saw it. Times in ms, with fractions. */
export interface Failover {
  /** Of this node since it started, from 1. */
  readonly number: number;
  /** When it began, since 1970. */
  readonly beganAtMs: number;
  readonly cause: FailoverCause;
  /** NO_NODE when none was known. */
  readonly oldLeaderId: NodeId;
  readonly oldTerm: Term;
  readonly newLeaderId: NodeId;
  /** The one behind the old one was handed on; more than the next term with an election: the first was won by nobody. */
  readonly newTerm: Term;
  /**
   * suspect: until somebody here or elsewhere campaigned; confirm: until the others had agreed, so that
   * the term moved; elect: until a leader was known; catchUp: until all of earlier terms was applied
   * here; serve: until the first write that had waited here was committed (0: none waited).
   */
  readonly phasesMs: Readonly<Record<FailoverPhase, number>>;
  /** The sum of the phases. */
  readonly totalMs: number;
}

/** Whether the leader changed for a reason: a start is no failover. */
export const isFailover = ({ cause }: Failover): boolean => cause !== 'start';
