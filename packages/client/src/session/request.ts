import { addAbortListener, removeAbortListener } from '../abort-listeners.ts';
import type { JuteReader, JuteWriter } from '@bellwether/protocol';
import { ClientError, codeOf, type ClientErrorCode } from '../errors.ts';
import type { Chroot } from '../paths.ts';

/** A server that answers so does not say what became of a write. */
const UNDECIDED: ReadonlySet<ClientErrorCode> = new Set<ClientErrorCode>([
  'connectionLoss',
  'operationTimeout',
  'requestTimeout',
  'systemError',
  'runtimeInconsistency',
]);

/** How one kind of request is written and its reply read. */
export interface Operation<Query, Result> {
  readonly name: string;
  readonly opCode: number;
  /** A read can be sent again after its reply was lost; a write then has an unknown outcome. */
  readonly kind: 'read' | 'write';
  write(writer: JuteWriter, query: Query): void;
  /** Throws ClientError for an answer that is a failure. */
  read(reader: JuteReader, chroot: Chroot): Result;
  /** What an error of the server means as a result: exists takes noNode for an answer. */
  readonly resultOfError?: (error: number) => Result | undefined;
}

/** Is told how the server answered, before the caller is, who may not be waiting any more. */
export type OnAnswer = (error: number, caller: 'waits' | 'gone') => void;

/** What a request is about. */
export interface RequestSubject<Query, Result> {
  readonly operation: Operation<Query, Result>;
  readonly query: Query;
  /** As the caller knows it, for errors. */
  readonly path: string | undefined;
  /** As the server knows it, of a request that leaves a watch. */
  readonly watchedPath?: string | undefined;
  readonly onAnswer?: OnAnswer | undefined;
}

/** A request as its session sees it, whatever its types are. */
export interface SessionRequest {
  readonly deadlineMs: number;
  /** Of the connection it was sent on. */
  xid: number;
  /** When it was written; 0: never. */
  sentMs: number;
  readonly isSettled: boolean;
  /** Can be sent again. */
  readonly isRead: boolean;
  readonly watchedPath: string | undefined;
  /** Header and body, without the length before them. */
  encode(writer: JuteWriter): void;
  /** Reads the reply behind its header, and settles. Throws when the reply cannot be read. */
  answer(error: number, reader: JuteReader, chroot: Chroot): void;
  fail(error: Error): void;
  /** Fails with an error of this client's own. A write that left has an unknown outcome. */
  failWith(code: ClientErrorCode, cause?: unknown): void;
}

/** One request, from its submission to its outcome. */
export class Request<Query, Result> implements SessionRequest {
  readonly deadlineMs: number;
  xid = 0;
  sentMs = 0;
  isSettled = false;
  readonly #subject: RequestSubject<Query, Result>;
  readonly #resolve: (result: Result) => void;
  readonly #reject: (error: Error) => void;
  readonly #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    subject: RequestSubject<Query, Result>,
    deadlineMs: number,
    signal: AbortSignal | undefined,
    resolve: (result: Result) => void,
    reject: (error: Error) => void,
  ) {
    this.#subject = subject;
    this.deadlineMs = deadlineMs;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    if (signal === undefined) return;
    this.#onAbort = () => this.failWith('aborted', signal.reason);
    addAbortListener(signal, this.#onAbort);
  }

  get isRead(): boolean {
    return this.#subject.operation.kind === 'read';
  }

  get watchedPath(): string | undefined {
    return this.#subject.watchedPath;
  }

  encode(writer: JuteWriter): void {
    const { operation, query } = this.#subject;
    writer.writeInt(this.xid);
    writer.writeInt(operation.opCode);
    operation.write(writer, query);
  }

  answer(error: number, reader: JuteReader, chroot: Chroot): void {
    const { operation, onAnswer } = this.#subject;
    onAnswer?.(error, this.isSettled ? 'gone' : 'waits');
    if (this.isSettled) return;
    if (error !== 0) return this.#answerError(error);
    let result: Result;
    try {
      result = operation.read(reader, chroot);
    } catch (failure) {
      if (!(failure instanceof ClientError)) throw failure;
      return this.fail(failure);
    }
    this.succeed(result);
  }

  succeed(result: Result): void {
    if (this.isSettled) return;
    this.#settle();
    this.#resolve(result);
  }

  fail(error: Error): void {
    if (this.isSettled) return;
    this.#settle();
    this.#reject(error);
  }

  failWith(code: ClientErrorCode, cause?: unknown): void {
    const { operation, path } = this.#subject;
    const subject = { operation: operation.name, ...(path === undefined ? {} : { path }) };
    const indeterminate = this.sentMs !== 0 && !this.isRead;
    this.fail(new ClientError(code, { ...subject, indeterminate, cause }));
  }

  #answerError(error: number): void {
    const { operation, path } = this.#subject;
    const result = operation.resultOfError?.(error);
    if (result !== undefined) return this.succeed(result);
    const code = codeOf(error);
    const indeterminate = !this.isRead && UNDECIDED.has(code);
    const subject = { operation: operation.name, ...(path === undefined ? {} : { path }) };
    this.fail(new ClientError(code, { ...subject, indeterminate, number: error }));
  }

  #settle(): void {
    this.isSettled = true;
    if (this.#onAbort !== undefined) removeAbortListener(this.#signal, this.#onAbort);
  }
}
