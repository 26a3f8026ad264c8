import {
  ErrorCode,
  writeReplyHeader,
  writeCreate2Response,
  writeCreateResponse,
  writeMultiResponse,
  writeSetDataResponse,
  OpCode,
  type JuteWriter,
  type MultiResult,
  type Stat,
} from '@bellwether/protocol';
import type { CloseCause } from './command.ts';

type Ok = typeof ErrorCode.ok;

/** Any code but ok. */
export type FailureCode = Exclude<ErrorCode, Ok>;

/**
 * What came of a command. The zxid of the reply is the command's log index, also when it failed.
 */
export type Outcome =
  | { readonly kind: 'failed'; readonly code: FailureCode }
  | { readonly kind: 'created'; readonly code: Ok; readonly path: string; readonly stat: Stat }
  | { readonly kind: 'deleted'; readonly code: Ok }
  | { readonly kind: 'checked'; readonly code: Ok }
  /** setData and setACL. */
  | { readonly kind: 'changed'; readonly code: Ok; readonly stat: Stat }
  /** The code is ok even when the transaction failed: then all results are errors. */
  | { readonly kind: 'multi'; readonly code: Ok; readonly results: readonly MultiResult[] }
  /** createSession and attachSession. */
  | {
      readonly kind: 'sessionOpened';
      readonly code: Ok;
      readonly sessionId: number;
      readonly timeoutMs: number;
      readonly passwd: Uint8Array;
    }
  | {
      readonly kind: 'sessionClosed';
      readonly code: Ok;
      readonly sessionId: number;
      readonly cause: CloseCause;
    };

/** Why somebody hears nothing: 'none' spares the making of an outcome. */
export type OutcomeWanted = 'outcome' | 'none';

const failures = new Map<FailureCode, Outcome>();
for (const code of Object.values(ErrorCode)) {
  if (code !== ErrorCode.ok) failures.set(code, { kind: 'failed', code });
}

/** The outcome of a command that failed with `code`. */
export function failed(code: FailureCode): Outcome {
  return failures.get(code)!;
}

/**
 * Appends the reply to a request command, header and body, without the frame's length. `opCode` is
 * that of the request: create and create2 answer the same outcome differently.
 */
export function writeOutcomeReply(
  writer: JuteWriter,
  xid: number,
  zxid: number,
  opCode: number,
  outcome: Outcome,
): void {
  writeReplyHeader(writer, xid, zxid, outcome.code);
  switch (outcome.kind) {
    case 'created':
      if (opCode === OpCode.create) writeCreateResponse(writer, outcome.path);
      else writeCreate2Response(writer, outcome.path, outcome.stat);
      return;
    case 'changed':
      return writeSetDataResponse(writer, outcome.stat);
    case 'multi':
      return writeMultiResponse(writer, outcome.results);
    case 'failed':
    case 'deleted':
    case 'checked':
    case 'sessionOpened':
    case 'sessionClosed':
      return;
    default:
      outcome satisfies never;
  }
}
