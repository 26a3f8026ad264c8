import type { CommandContext } from '@bellwether/cluster';
import type { LogIndex, NodeId } from '@bellwether/raft';
import { Violation } from '../invariants/violation.ts';
import { describe, isSame } from './values.ts';

/** What became of a command. */
export type MachineOutcome =
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'rejected'; readonly reason: string };

/** A command that was ordered, and what it came to on the node that executed it first. */
export interface LoggedCommand {
  readonly context: CommandContext;
  /** The number of what a client asked for. */
  readonly operation: number;
  /** As the codec wrote it. */
  readonly encoded: Uint8Array;
  readonly outcome: MachineOutcome;
  readonly nodeId: NodeId;
}

/** Everything that was ordered in a run, and what each command came to: the same wherever it is executed. */
export class MachineLog {
  readonly #byIndex = new Map<LogIndex, LoggedCommand>();
  readonly #byOperation = new Map<number, LoggedCommand>();

  /** A node has executed a command; `command` is for messages. */
  onApplied(logged: LoggedCommand, command: unknown): void {
    const { index } = logged.context;
    const known = this.#byIndex.get(index);
    if (known === undefined) {
      this.#byIndex.set(index, logged);
      this.#byOperation.set(logged.operation, logged);
    } else if (!isSame(known.outcome, logged.outcome)) {
      throw new Violation(
        'stateMachine.results',
        `the command at index ${index} was ${describeOutcome(known.outcome)} on node ${known.nodeId}, and ` +
          `${describeOutcome(logged.outcome)} on node ${logged.nodeId}: ${describe(command)}`,
      );
    }
  }

  /** Undefined when it was not executed anywhere yet. */
  of(operation: number): LoggedCommand | undefined {
    return this.#byOperation.get(operation);
  }

  /** In the order of the log. */
  get commands(): readonly LoggedCommand[] {
    return [...this.#byIndex.values()].sort((a, b) => a.context.index - b.context.index);
  }
}

/** For messages. */
export function describeOutcome(outcome: MachineOutcome): string {
  return outcome.kind === 'done'
    ? `done with ${describe(outcome.result)}`
    : `rejected (${outcome.reason})`;
}
