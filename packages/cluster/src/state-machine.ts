import type { LogIndex, NodeId, Term } from '@bellwether/raft';

/** What is known of a command besides itself; the same on every node. */
export interface CommandContext {
  readonly index: LogIndex;
  /** Of the leader that ordered the command; never decreases along the log. */
  readonly term: Term;
  /** Through which node it was proposed. */
  readonly origin: NodeId;
  /** The leader's clock when it ordered the command, ms since 1970; never decreases along the log. */
  readonly timeMs: number;
}

/** How commands are written to the log: the same on all nodes, and for as long as the log is kept. */
export interface Codec<T> {
  /** What it throws reaches whoever proposed (code BAD_COMMAND), and nothing is written. */
  encode(value: T): Uint8Array;
  /** @param bytes a copy of its own: parts of it may be kept */
  decode(bytes: Uint8Array): T;
}

/** Takes a snapshot's chunks, as `StateMachine.snapshot` yielded them. */
export interface RestoreSink {
  write(chunk: Uint8Array): void;
  /** All chunks have come. */
  end(): void;
}

/**
 * The replicated state of a program. It must be deterministic: the same commands in the same order
 * give the same state and results, on every node and in every run; time comes from the context, and
 * nothing random or local may enter.
 *
 * Whatever it throws, but for a CommandRejected from `apply` and anything from `query`, ends the node
 * (code STATE_MACHINE_FAILED): what was left half done can't be trusted.
 */
export interface StateMachine<
  Command = Uint8Array,
  Result = unknown,
  Query = never,
  Answer = unknown,
> {
  /** Absent: commands are bytes. */
  readonly codec?: Codec<Command>;
  /**
   * Executes one command, at once. The result reaches whoever proposed it, on that node, as it is: don't
   * return what is changed later.
   *
   * @param command without a codec the bytes that were proposed, as a copy of its own
   * @throws CommandRejected to refuse it, before anything is changed
   */
  apply(command: Command, context: CommandContext): Result;
  /** Answers from the state as it is; changes nothing. What it throws reaches whoever asked. */
  query?(query: Query): Answer;
  /**
   * The state exactly as it is at the call, as chunks of any size: the first is pulled at once, the others
   * one at a time. Commands are applied in between and must not show, so a generator copies what it needs
   * before its first `yield`.
   */
  snapshot(): Iterable<Uint8Array>;
  /** Forgets the state; it is replaced by what the sink is given. */
  restore(): RestoreSink;
  /**
   * A text that is equal where states are, for `compareReplicas: 'state'`. Absent: the bytes of a snapshot
   * are compared, which must then be the same wherever the state is.
   */
  digest?(): string;
}
