import { CommandRejected } from '../errors.ts';
import type { CommandContext, RestoreSink, StateMachine } from '../state-machine.ts';
import { frameSnapshot, SnapshotPieces } from './snapshot-frames.ts';
import { hashOfText } from './structural-hash.ts';

/** What became of a command that was given to a state machine. */
export type Applied<Result> =
  | { readonly outcome: 'done'; readonly result: Result }
  | { readonly outcome: 'rejected'; readonly error: Error };

/** The user's state machine, with what every one of them needs: codec, and snapshots in pieces. */
export class Machine<Command, Result, Query, Answer> {
  readonly #machine: StateMachine<Command, Result, Query, Answer>;
  #restoring: SnapshotPieces | undefined;

  constructor(machine: StateMachine<Command, Result, Query, Answer>) {
    this.#machine = machine;
  }

  /** The state is being replaced, and there is none meanwhile. */
  get isRestoring(): boolean {
    return this.#restoring !== undefined;
  }

  get answersQueries(): boolean {
    return this.#machine.query !== undefined;
  }

  /** @throws whatever the codec throws; a TypeError for what are no bytes: no node could read it */
  encode(command: Command): Uint8Array {
    const { codec } = this.#machine;
    const bytes: unknown = codec === undefined ? command : codec.encode(command);
    if (bytes instanceof Uint8Array) return bytes;
    if (codec !== undefined) throw new TypeError('the codec made something else than a Uint8Array');
    throw new TypeError('a state machine without a codec takes commands that are Uint8Arrays');
  }

  /** @throws what ends the node: whatever comes from the state machine, but for a CommandRejected */
  apply(bytes: Uint8Array, context: CommandContext): Applied<Result> {
    const { codec } = this.#machine;
    // A copy: who keeps a part of it should not find another command's bytes there later.
    const own = new Uint8Array(bytes);
    const command = codec === undefined ? (own as Command) : codec.decode(own);
    try {
      const result = this.#machine.apply(command, context);
      if (!isPromise(result)) return { outcome: 'done', result };
    } catch (error) {
      if (error instanceof CommandRejected) return { outcome: 'rejected', error };
      throw error;
    }
    throw new TypeError('apply() returned a promise: it has to be done when it returns');
  }

  /** @throws whatever the state machine does */
  query(query: Query): Answer {
    return this.#machine.query?.(query) as Answer;
  }

  snapshot(): Iterator<Uint8Array> {
    return frameSnapshot(this.#machine.snapshot());
  }

  beginRestore(): void {
    const sink: RestoreSink = this.#machine.restore();
    this.#restoring = new SnapshotPieces(sink);
  }

  restorePiece(piece: Uint8Array): void {
    this.#restoring?.write(piece);
  }

  endRestore(): void {
    this.#restoring?.end();
    this.#restoring = undefined;
  }

  /** Equal where states are. Looks at all of it, unless the state machine knows better. */
  hashState(): number {
    if (this.#machine.digest !== undefined) return hashOfText(this.#machine.digest());
    const chunks = [...this.#machine.snapshot()];
    return hashOfText(Buffer.concat(chunks).toString('latin1'));
  }
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}
