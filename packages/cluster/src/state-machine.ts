import type { LogIndex } from '@bellwether/raft';

/** What is known of a command besides its bytes; the same on every node. */
export interface CommandContext {
  readonly index: LogIndex;
  /** The leader's clock when it ordered the command, ms since 1970; never decreases along the log. */
  readonly timeMs: number;
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
 */
export interface StateMachine {
  /**
   * Executes one command. The result reaches whoever proposed it. A throw ends the node (code
   * STATE_MACHINE_FAILED): what was left half done can't be trusted.
   *
   * @param command the bytes that were proposed, a copy of its own
   */
  apply(command: Uint8Array, context: CommandContext): Uint8Array | undefined;
  /**
   * The state exactly as it is at the call, as chunks of at most `LIMITS.snapshotChunkBytesMax`
   * bytes. Commands are applied between one chunk and the next and must not show.
   */
  snapshot(): Iterable<Uint8Array>;
  /** Forgets the state; it is replaced by what the sink is given. */
  restore(): RestoreSink;
}
