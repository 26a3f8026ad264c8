import { ErrorCode, errorCodeName } from '@bellwether/protocol';

/** What this client itself reports, beside what servers answer. */
type OwnCode =
  /** The caller's signal aborted; `cause` is the signal's reason. */
  | 'aborted'
  /** The client is closed. */
  | 'closed'
  /** Too many requests, bytes or watches at once: slow down and try again. */
  | 'tooMany'
  /** The other side does not speak the protocol as it should. */
  | 'protocolViolation'
  /** The servers' certificate or the client's proof was refused, or no server could be reached. */
  | 'cannotConnect'
  /** A recipe's participation ended: its session or its znode is gone. */
  | 'lost'
  /** An answer that this client does not know; `number` has it. */
  | 'unknown';

/**
 * What went wrong: the names of ZooKeeper's error codes (`noNode`, `nodeExists`, `badVersion`,
 * `connectionLoss`, `sessionExpired`, ...) and the client's own.
 */
export type ClientErrorCode = Exclude<keyof typeof ErrorCode, 'ok' | 'apiError'> | OwnCode;

const RETRYABLE: ReadonlySet<ClientErrorCode> = new Set<ClientErrorCode>([
  'connectionLoss',
  'operationTimeout',
  'requestTimeout',
  'sessionMoved',
  'throttledOp',
  'tooMany',
  'newConfigNoQuorum',
  'reconfigInProgress',
  'cannotConnect',
  // Another server may have a quorum.
  'notReadOnly',
]);

/** What else there is to say about an error. */
export interface ClientErrorDetails {
  readonly operation?: string;
  readonly path?: string;
  readonly indeterminate?: boolean;
  readonly number?: number;
  readonly cause?: unknown;
  readonly message?: string;
}

/** The one class of error that operations and recipes reject with. */
export class ClientError extends Error {
  /** What went wrong. */
  readonly code: ClientErrorCode;
  /** The operation that failed, by its name in the protocol. */
  readonly operation: string | undefined;
  /** What it was about, as the caller named it. */
  readonly path: string | undefined;
  /** Whether the same request may succeed later. A write that is indeterminate may happen twice. */
  readonly retryable: boolean;
  /** The outcome is unknown: the request reached a server, maybe, and may have been executed. */
  readonly indeterminate: boolean;
  /** The code on the wire; 0 for errors of the client's own. */
  readonly number: number;

  constructor(code: ClientErrorCode, details: ClientErrorDetails = {}) {
    const { operation, path, indeterminate = false, number = 0, cause, message } = details;
    super(message ?? describe(code, details), cause === undefined ? undefined : { cause });
    this.name = code === 'aborted' ? 'AbortError' : 'ClientError';
    this.code = code;
    this.operation = operation;
    this.path = path;
    this.retryable = RETRYABLE.has(code);
    this.indeterminate = indeterminate;
    this.number = number;
  }
}

function describe(code: ClientErrorCode, details: ClientErrorDetails): string {
  const { operation, path, indeterminate, number } = details;
  const subject = [operation, path].filter((part) => part !== undefined).join(' ');
  const what = code === 'unknown' ? errorCodeName(number ?? 0) : code;
  const outcome = indeterminate === true ? ' (it may have happened)' : '';
  return `${subject === '' ? '' : `${subject}: `}${what}${outcome}`;
}

const names: ReadonlyMap<number, ClientErrorCode> = new Map(
  Object.entries(ErrorCode).map(([name, number]) => [number, name as ClientErrorCode]),
);

/** The name of a code that a server answered. */
export function codeOf(number: number): ClientErrorCode {
  return names.get(number) ?? 'unknown';
}

/**
 * Narrows what was caught.
 *
 * @param codes any of which it has to be; none: any ClientError
 */
export function isClientError(
  error: unknown,
  ...codes: readonly ClientErrorCode[]
): error is ClientError {
  return error instanceof ClientError && (codes.length === 0 || codes.includes(error.code));
}
