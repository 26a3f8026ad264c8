import { CommandRejected, type StateMachine } from '@bellwether/cluster';
import { Violation } from '../invariants/violation.ts';
import { RandomSource } from '../random.ts';
import { describeOutcome, type LoggedCommand, type MachineLog } from './machine-log.ts';
import type { MachineOutcome } from './machine-log.ts';
import type { MachineTest } from './machine-options.ts';
import type { Asked, MachineOperation } from './operations.ts';
import { withGlobalsOf } from './own-globals.ts';
import { checkRealTime } from './real-time.ts';
import { copyOf, describe, isSame } from './values.ts';

/** Somebody who is given everything once more, in the order of the log. */
interface Replay {
  readonly who: string;
  readonly violation: 'stateMachine.results' | 'stateMachine.model';
  readonly apply: (logged: LoggedCommand) => unknown;
  /** Absent: it answers no queries. */
  readonly query: ((query: unknown) => unknown) | undefined;
  /** Whether two outcomes are the same to it. */
  readonly isSame: (a: MachineOutcome, b: MachineOutcome) => boolean;
}

/**
 * Judges all that clients were told. The log says in which order commands took effect, and at which index
 * a query was answered: executed once more in that order, by a state machine of its own and by the model,
 * everything has to come to the same, and the order must not contradict what clients saw of time. A
 * history for which there is such an order is linearizable.
 */
export function checkHistory<
  Command,
  Result,
  Query,
  Answer,
  Machine extends StateMachine<Command, Result, Query, Answer>,
>(
  test: MachineTest<Command, Result, Query, Answer, Machine>,
  log: MachineLog,
  operations: readonly MachineOperation[],
): void {
  checkRealTime(log, operations);
  // A clock and a chance of its own: whoever looks at them comes to something else.
  const globals = { wallMs: () => 0, random: new RandomSource(0, 'once more') };
  withGlobalsOf(globals, () => {
    replay(againBy(test.stateMachine()), log, operations);
    const model = test.model?.();
    if (model === undefined) return;
    const askedAs = (logged: LoggedCommand): Asked | undefined =>
      operations[logged.operation - 1]?.asked;
    const modelReplay: Replay = {
      who: 'by the model',
      violation: 'stateMachine.model',
      apply: (logged) => {
        const asked = askedAs(logged);
        // As the client proposed it: what the codec loses shows.
        const command = asked?.kind === 'command' ? copyOf(asked.command) : undefined;
        return model.apply(command as Command, logged.context);
      },
      query: model.query === undefined ? undefined : (query) => model.query?.(query as Query),
      isSame: (a, b) => (a.kind === 'rejected' ? b.kind === 'rejected' : isSame(a, b)),
    };
    replay(modelReplay, log, operations);
  });
}

function againBy<Query>(machine: StateMachine<unknown, unknown, Query>): Replay {
  const { codec } = machine;
  return {
    who: 'once more, in order, by a new state machine',
    violation: 'stateMachine.results',
    apply: ({ encoded, context }) =>
      machine.apply(codec === undefined ? encoded : codec.decode(encoded), context),
    query: machine.query === undefined ? undefined : (query) => machine.query?.(query as Query),
    isSame,
  };
}

function replay(by: Replay, log: MachineLog, operations: readonly MachineOperation[]): void {
  const reads = answeredReads(operations);
  let next = 0;
  const answerUpTo = (index: number): void => {
    for (; next < reads.length && reads[next]!.appliedIndex < index; next++) {
      checkAnswer(by, reads[next]!);
    }
  };
  for (const logged of log.commands) {
    answerUpTo(logged.context.index);
    const outcome = outcomeOf(() => by.apply(logged));
    if (by.isSame(outcome, logged.outcome)) continue;
    const { index } = logged.context;
    throw new Violation(
      by.violation,
      `the command at index ${index} was ${describeOutcome(logged.outcome)} on node ${logged.nodeId}, and ` +
        `${describeOutcome(outcome)} when it was executed ${by.who}: ${describeAsked(logged, operations)}`,
    );
  }
  answerUpTo(Infinity);
}

interface AnsweredRead {
  readonly operation: MachineOperation;
  readonly query: unknown;
  readonly answer: unknown;
  readonly appliedIndex: number;
}

/** In the order of the states that they were answered from. */
function answeredReads(operations: readonly MachineOperation[]): readonly AnsweredRead[] {
  const reads: AnsweredRead[] = [];
  for (const operation of operations) {
    const { asked, outcome } = operation;
    if (asked.kind !== 'query' || outcome.kind !== 'done') continue;
    const { value: answer, appliedIndex } = outcome;
    reads.push({ operation, query: asked.query, answer, appliedIndex });
  }
  return reads.sort((a, b) => a.appliedIndex - b.appliedIndex);
}

function checkAnswer(by: Replay, { operation, query, answer, appliedIndex }: AnsweredRead): void {
  if (by.query === undefined) return;
  const expected = by.query(copyOf(query));
  if (isSame(expected, answer)) return;
  throw new Violation(
    by.violation,
    `operation ${operation.number}, the query ${describe(query)}, was answered ${describe(answer)} by node ` +
      `${operation.nodeId} behind index ${appliedIndex}, and ${describe(expected)} ${by.who}`,
  );
}

function outcomeOf(apply: () => unknown): MachineOutcome {
  try {
    return { kind: 'done', result: copyOf(apply()) };
  } catch (error) {
    if (error instanceof CommandRejected) return { kind: 'rejected', reason: error.message };
    throw error;
  }
}

function describeAsked(
  { operation }: LoggedCommand,
  operations: readonly MachineOperation[],
): string {
  const asked = operations[operation - 1]?.asked;
  return asked?.kind === 'command' ? describe(asked.command) : `operation ${operation}`;
}
