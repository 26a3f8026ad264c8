import type { LogIndex } from '@bellwether/raft';
import { Violation } from '../invariants/violation.ts';
import type { MachineLog } from './machine-log.ts';
import type { MachineOperation } from './operations.ts';
import { isSame } from './values.ts';

/** What is known of when an operation took effect: at an index of the log, between two moments. */
interface Effect {
  readonly operation: MachineOperation;
  readonly index: LogIndex;
  readonly endedMs: number;
}

/**
 * What was answered has happened, what failed has not, and whatever was answered before something else was
 * asked for took effect before it.
 */
export function checkRealTime(log: MachineLog, operations: readonly MachineOperation[]): void {
  const effects: Effect[] = [];
  for (const operation of operations) {
    const effect = effectOf(log, operation);
    if (effect !== undefined) effects.push(effect);
  }
  const byEnd = effects.toSorted((a, b) => a.endedMs - b.endedMs);
  let ended = 0;
  let newest: Effect | undefined;
  // In the order of asking.
  for (const effect of effects) {
    const { operation, index } = effect;
    for (; byEnd[ended] !== undefined && byEnd[ended]!.endedMs < operation.invokedMs; ended++) {
      const candidate = byEnd[ended]!;
      if (newest === undefined || candidate.index > newest.index) newest = candidate;
    }
    if (newest === undefined || index > newest.index) continue;
    if (operation.asked.kind === 'query' && index === newest.index) continue;
    throw new Violation(
      'stateMachine.realTime',
      `operation ${operation.number} took effect at index ${index}, but operation ` +
        `${newest.operation.number} had been answered at index ${newest.index} before it was asked for`,
    );
  }
}

/** Undefined for what says nothing about time. */
function effectOf(log: MachineLog, operation: MachineOperation): Effect | undefined {
  const { asked, outcome, number } = operation;
  if (outcome.kind !== 'done' && outcome.kind !== 'failed') return undefined;
  const { endedMs } = outcome;
  if (asked.kind === 'query') {
    if (outcome.kind !== 'done' || asked.consistency === 'stale') return undefined;
    return { operation, index: outcome.appliedIndex, endedMs };
  }
  const logged = log.of(number);
  const isRejected = outcome.kind === 'failed' && outcome.code === 'COMMAND_REJECTED';
  if (outcome.kind === 'failed' && !isRejected) {
    if (logged === undefined) return undefined;
    throw wrongOutcome(operation, `failed (${outcome.code}), and was executed all the same`);
  }
  if (logged === undefined) throw wrongOutcome(operation, 'was answered, and executed nowhere');
  const told =
    outcome.kind === 'done'
      ? { kind: 'done', result: outcome.value }
      : { kind: 'rejected', reason: outcome.reason };
  if (!isSame(told, logged.outcome)) throw wrongOutcome(operation, 'was told what did not happen');
  return { operation, index: logged.context.index, endedMs };
}

function wrongOutcome({ number }: MachineOperation, what: string): Violation {
  return new Violation('stateMachine.outcomes', `operation ${number} ${what}`);
}
