import type { ReadConsistency } from '@bellwether/cluster';
import { ClusterError } from '@bellwether/cluster';
import type { LogIndex, NodeId } from '@bellwether/raft';
import type { OperationCounts } from '../application.ts';
import type { World } from '../world.ts';

export type Asked =
  | { readonly kind: 'command'; readonly command: unknown }
  | { readonly kind: 'query'; readonly query: unknown; readonly consistency: ReadConsistency };

/** What a client was told. */
export type OperationOutcome =
  | { readonly kind: 'pending' | 'indeterminate' }
  | {
      readonly kind: 'done';
      readonly value: unknown;
      /** The newest that was applied where it was answered. */
      readonly appliedIndex: LogIndex;
      readonly endedMs: number;
    }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly reason: string;
      readonly endedMs: number;
    };

/** What a client asked for, and what it was told. */
export interface MachineOperation {
  /** From 1, in the order of asking. */
  readonly number: number;
  readonly client: number;
  readonly nodeId: NodeId;
  readonly asked: Asked;
  readonly invokedMs: number;
  outcome: OperationOutcome;
}

/** Everything that clients asked for. */
export class Operations {
  readonly all: MachineOperation[] = [];
  readonly #pending = new Set<MachineOperation>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  get pending(): readonly MachineOperation[] {
    return [...this.#pending];
  }

  begin(client: number, nodeId: NodeId, asked: Asked): MachineOperation {
    const operation: MachineOperation = {
      ...{ number: this.all.length + 1, client, nodeId, asked },
      invokedMs: this.#world.nowMs,
      outcome: { kind: 'pending' },
    };
    this.all.push(operation);
    this.#pending.add(operation);
    return operation;
  }

  done(operation: MachineOperation, value: unknown, appliedIndex: LogIndex): void {
    const endedMs = this.#world.nowMs;
    this.#end(operation, { kind: 'done', value, appliedIndex, endedMs });
  }

  failed(operation: MachineOperation, error: Error): void {
    const isUnknown = error instanceof ClusterError && error.indeterminate;
    if (isUnknown) return this.#end(operation, { kind: 'indeterminate' });
    const code = error instanceof ClusterError ? error.code : error.name;
    const endedMs = this.#world.nowMs;
    this.#end(operation, { kind: 'failed', code, reason: error.message, endedMs });
  }

  get counts(): OperationCounts {
    const counts = { done: 0, failed: 0, indeterminate: 0, pending: 0 };
    for (const { outcome } of this.all) counts[outcome.kind] += 1;
    const { done, failed, indeterminate } = counts;
    return { done, failed, indeterminate };
  }

  #end(operation: MachineOperation, outcome: OperationOutcome): void {
    operation.outcome = outcome;
    this.#pending.delete(operation);
  }
}
