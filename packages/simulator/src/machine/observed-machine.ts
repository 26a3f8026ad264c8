import { CommandRejected, type CommandContext } from '@bellwether/cluster';
import type { RestoreSink, StateMachine } from '@bellwether/cluster';
import type { NodeId } from '@bellwether/raft';
import { Violation } from '../invariants/violation.ts';
import type { MachineLog, MachineOutcome } from './machine-log.ts';
import { readOperation } from './operation-frame.ts';
import { withGlobalsOf, type NodeGlobals } from './own-globals.ts';
import { chunksOf, digestOf, restoreInto } from './snapshots.ts';
import { SlowSnapshot } from './slow-snapshot.ts';
import { copyOf } from './values.ts';

/** Whatever its commands are: only its own codec knows. */
type AnyMachine<Query> = StateMachine<unknown, unknown, Query>;

interface ObservedOptions<Query> {
  readonly nodeId: NodeId;
  readonly create: () => AnyMachine<Query>;
  readonly globals: NodeGlobals;
  readonly log: MachineLog;
}

/** One query in so many is looked at for what it changes. */
const QUERIES_PER_CHECK = 8;

/**
 * A user's state machine on one node. Every call into it is made with the clock and the chance of that
 * node, and what can be checked without the others is checked here.
 */
export class ObservedMachine<Query> implements StateMachine<Uint8Array, unknown, Query> {
  readonly #machine: AnyMachine<Query>;
  readonly #options: ObservedOptions<Query>;
  #queries = 0;
  #slowly: SlowSnapshot | undefined;

  constructor(options: ObservedOptions<Query>) {
    this.#options = options;
    this.#machine = this.#create();
  }

  /** Somebody else looks at its state. */
  look(check: (machine: AnyMachine<Query>) => void): void {
    this.#within(() => check(this.#machine));
  }

  apply(bytes: Uint8Array, context: CommandContext): unknown {
    const { operation, encoded } = readOperation(bytes);
    const { codec } = this.#machine;
    const kept = encoded.slice();
    return this.#within(() => {
      const command = codec === undefined ? encoded : codec.decode(encoded);
      const note = (outcome: MachineOutcome): void => {
        const { log, nodeId } = this.#options;
        log.onApplied({ context, operation, encoded: kept, outcome, nodeId }, command);
      };
      try {
        const result = this.#machine.apply(command, context);
        this.#slowly?.pull();
        note({ kind: 'done', result: copyOf(result) });
        return result;
      } catch (error) {
        if (error instanceof CommandRejected) note({ kind: 'rejected', reason: error.message });
        throw error;
      }
    });
  }

  query(query: Query): unknown {
    this.#queries += 1;
    const isLookedAt = this.#queries % QUERIES_PER_CHECK === 0;
    const before = isLookedAt ? this.digest() : '';
    const answer = this.#within(() => copyOf(this.#machine.query?.(query)));
    if (!isLookedAt || this.digest() === before) return answer;
    throw new Violation('stateMachine.query', 'query() has changed the state');
  }

  /**
   * Two snapshots of the same moment: one is taken at once, the other a chunk at a time, with a command
   * between one and the next, and both have to be the same. Whatever is restored from them has to be in
   * the same state.
   */
  snapshot(): Iterable<Uint8Array> {
    const atOnce = this.#within(() => chunksOf(this.#machine));
    this.#checkRestored(atOnce);
    this.#slowly = this.#within(() => new SlowSnapshot(this.#machine.snapshot(), atOnce));
    return atOnce;
  }

  restore(): RestoreSink {
    this.#slowly = undefined;
    const sink = this.#within(() => this.#machine.restore());
    return {
      write: (chunk) => this.#within(() => sink.write(chunk)),
      end: () => this.#within(() => sink.end()),
    };
  }

  digest(): string {
    return this.#within(() => digestOf(this.#machine));
  }

  #create(): AnyMachine<Query> {
    return this.#within(() => this.#options.create());
  }

  #checkRestored(chunks: readonly Uint8Array[]): void {
    const other = this.#create();
    this.#within(() => restoreInto(other, chunks));
    if (this.#within(() => digestOf(other)) === this.digest()) return;
    const what =
      'a state machine that was restored from a snapshot is in another state (as digest() says, or a ' +
      'snapshot of it)';
    throw new Violation('stateMachine.restore', what);
  }

  #within<T>(work: () => T): T {
    return withGlobalsOf(this.#options.globals, work);
  }
}
