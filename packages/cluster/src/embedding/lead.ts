import { ClusterError } from '../errors.ts';
import { onceAborted } from './abort-listeners.ts';
import type { HeldTerm, LeaderTerm, LeaderTermKeeper } from './leader-term.ts';
import type { CallOptions } from './patience.ts';

interface Leading<Command, Result> {
  readonly keeper: LeaderTermKeeper;
  readonly nowMs: () => number;
  /** No more terms: the caller aborted, or the node stopped. */
  readonly until: AbortSignal;
  readonly work: (term: LeaderTerm<Command, Result>) => unknown;
  readonly propose: (command: Command, term: number, options: CallOptions) => Promise<Result>;
}

/**
 * Runs `work` whenever this node leads, one run after the other.
 *
 * @throws what `work` throws while its signal has not aborted
 */
export async function lead<Command, Result>(options: Leading<Command, Result>): Promise<void> {
  const { keeper, until } = options;
  const unwant = keeper.want();
  try {
    while (!until.aborted) {
      const held = await nextHeld(keeper, until);
      if (held !== undefined) await runWhile(held, options);
    }
  } finally {
    unwant();
  }
}

function nextHeld(keeper: LeaderTermKeeper, until: AbortSignal): Promise<HeldTerm | undefined> {
  return new Promise((resolve) => {
    const stopListening = onceAborted(until, () => {
      forget();
      resolve(undefined);
    });
    const forget = keeper.onHeld((held) => {
      stopListening();
      resolve(held);
    });
  });
}

async function runWhile<Command, Result>(
  held: HeldTerm,
  { nowMs, until, work, propose }: Leading<Command, Result>,
): Promise<void> {
  const { term, fencingToken } = held;
  const signal = AbortSignal.any([held.controller.signal, until]);
  const given: LeaderTerm<Command, Result> = {
    term,
    fencingToken,
    signal,
    get isHeld() {
      return !signal.aborted && nowMs() < held.heldUntilMs;
    },
    propose: (command, options = {}) => {
      if (!signal.aborted) return propose(command, term, options);
      const message = `term ${term} is over: nothing is proposed in it any more`;
      return Promise.reject(new ClusterError('LEADERSHIP_LOST', message, { cause: signal.reason }));
    },
  };
  try {
    await work(given);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (signal.aborted) return;
  await new Promise<void>((resolve) => onceAborted(signal, resolve));
}
