import type { CommandContext, ReadConsistency, StateMachine } from '@bellwether/cluster';
import type { Fault } from '../nemesis/cluster.ts';
import type { RandomSource } from '../random.ts';

/** What a client does next. */
export type WorkloadStep<Command, Query> =
  | { readonly command: Command }
  | {
      readonly query: Query;
      /** As chance has it when absent: linearizable, as a rule. */
      readonly consistency?: ReadConsistency;
    };

/** What a workload may go by: equal for equal seeds. */
export interface WorkloadContext {
  readonly random: RandomSource;
  /** The client that acts, from 1. */
  readonly client: number;
  /** How much it did before. */
  readonly step: number;
}

/**
 * What the state machine should do, as simple as can be: a second implementation, which is given the same
 * commands in the same order. It throws a CommandRejected where the state machine should.
 */
export interface MachineModel<Command, Result, Query, Answer> {
  apply(command: Command, context: CommandContext): Result;
  /** Absent: answers are compared with the state machine alone. */
  query?(query: Query): Answer;
}

/** A state machine, those who use it, and what has to hold. */
export interface MachineTest<
  Command,
  Result,
  Query,
  Answer,
  Machine extends StateMachine<Command, Result, Query, Answer>,
> {
  /** A new one, without any state: each start of each node gets its own. */
  readonly stateMachine: () => Machine & StateMachine<Command, Result, Query, Answer>;
  /** What a client does next. Chance comes from the context alone, so that a seed can be replayed. */
  readonly workload: (context: WorkloadContext) => WorkloadStep<Command, Query>;
  /** What it should do; each run gets its own. */
  readonly model?: () => MachineModel<Command, Result, Query, Answer>;
  /** What holds in every state: false, or what it throws, breaks it. Looked at after every batch of commands. */
  readonly invariants?: Readonly<Record<string, (machine: Machine) => unknown>>;
}

/** How much of it is run. */
export interface MachineRunOptions {
  /** So many, from 1; or these. 100 when absent. */
  readonly seeds?: number | readonly number[];
  /** Nodes that vote; 3 when absent. */
  readonly nodes?: number;
  /** Length of the phase with faults, in ms of virtual time; 3,000 when absent. */
  readonly safetyMs?: number;
  /** Kinds of fault; all when absent. */
  readonly faults?: readonly Fault[];
  /** A run that failed before, as its error named it. BELLWETHER_REPLAY in the environment when absent. */
  readonly replay?: string;
  /** Gets every line of what happens. */
  readonly onLine?: (line: string) => void;
}
