/** What can go wrong while a cluster runs, as opposed to a programmer's error, which asserts. */
export type ClusterErrorCode =
  | 'BAD_OPTIONS'
  | 'LISTEN_FAILED'
  | 'PEER_PROTOCOL'
  | 'STOPPED'
  | 'PROPOSAL_TOO_LARGE'
  | 'STATE_MACHINE_FAILED'
  | 'CONSENSUS_FAILED';

/** An operating error of the runtime; `retryable` says whether asking again can help. */
export class ClusterError extends Error {
  readonly code: ClusterErrorCode;
  readonly retryable: boolean;

  constructor(code: ClusterErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ClusterError';
    this.code = code;
    this.retryable = code === 'STOPPED';
  }
}
