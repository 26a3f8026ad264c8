/** What can go wrong while a cluster runs, as opposed to a programmer's error, which asserts. */
export type ClusterErrorCode =
  | 'BAD_OPTIONS'
  | 'LISTEN_FAILED'
  | 'PEER_PROTOCOL'
  | 'STOPPED'
  | 'OUTCOME_UNKNOWN'
  | 'PROPOSAL_TOO_LARGE'
  | 'STATE_MACHINE_FAILED'
  | 'MEMBERS_REFUSED'
  | 'CONSENSUS_FAILED';

const INDETERMINATE: readonly ClusterErrorCode[] = [
  'STOPPED',
  'OUTCOME_UNKNOWN',
  'STATE_MACHINE_FAILED',
  'CONSENSUS_FAILED',
];

/** An operating error of the runtime. */
export class ClusterError extends Error {
  readonly code: ClusterErrorCode;
  /** Whether what was asked for may have happened, or may still happen. */
  readonly indeterminate: boolean;

  constructor(code: ClusterErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ClusterError';
    this.code = code;
    this.indeterminate = INDETERMINATE.includes(code);
  }
}
