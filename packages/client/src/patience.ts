import { addAbortListener, removeAbortListener } from './abort-listeners.ts';
import { ClientError, isClientError } from './errors.ts';
import type { Runtime } from './runtime.ts';

/** How long something may wait. */
export interface WaitOptions {
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the waiting with `operationTimeout`. Default: for ever. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Does work that may wait for long, and rejects at once when the caller's patience ends: with
 * `aborted` or `operationTimeout`.
 *
 * @param work has to look at the signal, whose reason is a ClientError, and to end soon then
 * @param discard gets a result that came too late
 */
export function spendPatience<T>(
  runtime: Runtime,
  options: WaitOptions,
  work: (signal: AbortSignal) => Promise<T>,
  discard: (late: T) => void = () => undefined,
): Promise<T> {
  return withPatience(runtime, options, (signal) => orAborted(work, signal, discard));
}

/**
 * The same for work that may change something: it is waited for until it has ended, so that it is
 * known whether it may have happened.
 *
 * @param work hands the signal to each of its requests
 */
export function spendPatienceOnChange<T>(
  runtime: Runtime,
  options: WaitOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withPatience(runtime, options, async (signal) => {
    try {
      throwIfAborted(signal);
      return await work(signal);
    } catch (error) {
      if (!signal.aborted || !isClientError(error)) throw error;
      throw withOutcome(signal.reason as ClientError, error);
    }
  });
}

/** Rejects with the signal's reason. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason as Error;
}

/** Why it ended, and of what is not known whether it happened. */
function withOutcome(reason: ClientError, last: ClientError): ClientError {
  const { code, message, cause } = reason;
  const { path, indeterminate } = last;
  return new ClientError(code, {
    message: indeterminate ? `${message} (it may have happened)` : message,
    ...(path === undefined ? {} : { path }),
    indeterminate,
    cause,
  });
}

async function withPatience<T>(
  runtime: Runtime,
  { signal: outer, timeoutMs }: WaitOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onOuterAbort = (): void => {
    controller.abort(new ClientError('aborted', { cause: outer?.reason }));
  };
  const onTime = (): void => {
    const message = `nothing within ${timeoutMs} ms`;
    controller.abort(new ClientError('operationTimeout', { message }));
  };
  addAbortListener(outer, onOuterAbort);
  const timer = timeoutMs === undefined ? undefined : runtime.setTimer(onTime, timeoutMs);
  try {
    return await work(controller.signal);
  } finally {
    if (timer !== undefined) runtime.clearTimer(timer);
    removeAbortListener(outer, onOuterAbort);
  }
}

function orAborted<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  discard: (late: T) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return onAbort();
    addAbortListener(signal, onAbort);
    const onDone = (result: T): void => {
      removeAbortListener(signal, onAbort);
      if (signal.aborted) discard(result);
      else resolve(result);
    };
    work(signal).then(onDone, reject);
  });
}
