/** Why bytes from the other side could not be understood. */
export const ProtocolErrorCode = {
  /** A field reaches beyond the end of its frame. */
  truncated: 'truncated',
  /** A length or count is negative, or more than the rest of the frame can hold. */
  badLength: 'badLength',
  /** A string that must be there is null. */
  missingString: 'missingString',
  /** A multi holds an operation that it may not hold. */
  badOperation: 'badOperation',
  /** What was asked for is more than a writer may hold. */
  tooLong: 'tooLong',
} as const;
export type ProtocolErrorCode = (typeof ProtocolErrorCode)[keyof typeof ProtocolErrorCode];

/**
 * The one error that reading malformed bytes ends in, and writing more than a writer may hold. A retry of the same bytes cannot help: the
 * server answers MARSHALLINGERROR or closes the connection.
 */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string) {
    super(message);
    this.name = 'ProtocolError';
    this.code = code;
  }
}
