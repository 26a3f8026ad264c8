/**
 * What can go wrong while a cluster runs, as opposed to a programmer's error, which asserts.
 *
 * - BAD_OPTIONS: what `Cluster.start` was given can't be; the message names every mistake.
 * - LISTEN_FAILED: the address for the peers can't be had.
 * - PEER_PROTOCOL: a peer says what it should not.
 * - STOPPED: this node was stopped.
 * - OUTCOME_UNKNOWN: this node was brought up by a snapshot that may contain the command.
 * - PROPOSAL_TOO_LARGE: one command is larger than a proposal may be.
 * - OVERLOADED: too much is under way through this node; wait for `untilRoom`, and try again.
 * - ABORTED, TIMED_OUT: the caller would wait no longer.
 * - BAD_COMMAND: the codec can't encode it.
 * - COMMAND_REJECTED: the state machine refused the command, the same way on every node.
 * - LEADERSHIP_LOST: the term in which something was to happen is over.
 * - NO_QUERY: the state machine answers no queries.
 * - NO_LEASES: a lease read in a cluster without leases.
 * - NOT_LEADER: only the leader can do that; the message says who leads.
 * - TRANSFER_FAILED: leadership was not handed over to the node that was named.
 * - MEMBERS_REFUSED: the members can't be changed in that way; the message says why.
 * - STATE_MACHINE_FAILED: the state machine of this node threw; the node has stopped.
 * - DIVERGED: the state machine of this node did something else than those of a majority; it has stopped.
 * - CONSENSUS_FAILED: log or disk of this node failed; the node has stopped, `cause` says more.
 */
export type ClusterErrorCode =
  | 'BAD_OPTIONS'
  | 'LISTEN_FAILED'
  | 'PEER_PROTOCOL'
  | 'STOPPED'
  | 'OUTCOME_UNKNOWN'
  | 'PROPOSAL_TOO_LARGE'
  | 'OVERLOADED'
  | 'ABORTED'
  | 'TIMED_OUT'
  | 'BAD_COMMAND'
  | 'COMMAND_REJECTED'
  | 'LEADERSHIP_LOST'
  | 'NO_QUERY'
  | 'NO_LEASES'
  | 'NOT_LEADER'
  | 'TRANSFER_FAILED'
  | 'MEMBERS_REFUSED'
  | 'STATE_MACHINE_FAILED'
  | 'DIVERGED'
  | 'CONSENSUS_FAILED';

const RETRYABLE: ReadonlySet<ClusterErrorCode> = new Set<ClusterErrorCode>([
  'OVERLOADED',
  'TIMED_OUT',
  'NOT_LEADER',
  'TRANSFER_FAILED',
]);

/** What else there is to say about an error. */
export interface ClusterErrorDetails {
  /** Whether what was asked for may have happened, or may still happen; no when absent. */
  readonly indeterminate?: boolean;
  readonly cause?: unknown;
}

/**
 * An operating error of the runtime: the one class with which promises of a cluster reject, but for what
 * a query of the state machine throws. Resolved: done. Rejected: failed, unless `indeterminate`.
 */
export class ClusterError extends Error {
  readonly code: ClusterErrorCode;
  /** Whether what was asked for may have happened, or may still happen. */
  readonly indeterminate: boolean;
  /** Whether the same may succeed later, here. What is indeterminate may then happen twice. */
  readonly retryable: boolean;

  constructor(code: ClusterErrorCode, message: string, details: ClusterErrorDetails = {}) {
    const { indeterminate = false, cause } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.name = code === 'ABORTED' ? 'AbortError' : 'ClusterError';
    this.code = code;
    this.indeterminate = indeterminate;
    this.retryable = RETRYABLE.has(code);
  }
}

/**
 * Thrown by a state machine that refuses a command: whoever proposed it gets this very error (code
 * COMMAND_REJECTED), and all nodes go on. Throw it before anything is changed. Extend it to say more.
 */
export class CommandRejected extends ClusterError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('COMMAND_REJECTED', message, options);
    this.name = 'CommandRejected';
  }
}

/**
 * Narrows what was caught.
 *
 * @param codes any of which it has to be; none: any ClusterError
 */
export function isClusterError(
  error: unknown,
  ...codes: readonly ClusterErrorCode[]
): error is ClusterError {
  return error instanceof ClusterError && (codes.length === 0 || codes.includes(error.code));
}
