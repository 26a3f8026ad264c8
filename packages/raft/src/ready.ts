import type { Message } from './messages.ts';
import type {
  Entry,
  HardState,
  ReadState,
  ReadyNumber,
  SnapshotMetadata,
  SoftState,
} from './types.ts';

/**
 * Work for the runtime, in the order in which it must be done:
 *
 * 1. `snapshot`: the log restarts behind it and the state machine is restored from it.
 * 2. `entries` are appended to the log (readable at once), `hardState` is queued behind them.
 * 3. `messages` are sent; they depend on nothing in this batch.
 * 4. A flush of everything from step 2; when it is done, `messagesAfterPersist` are sent and
 *    `onPersisted(number)` is called. Batches are persisted in the order of their numbers; one
 *    flush may cover several. A batch with nothing to persist needs no flush of its own, but its
 *    turn still comes after those before it.
 * 5. `committedEntries` are applied in order, then `onApplied(index)` is called. They are durable here.
 */
export interface Ready {
  readonly number: ReadyNumber;
  /** Present when it changed. */
  readonly softState: SoftState | undefined;
  /** Present when it must be written. */
  readonly hardState: HardState | undefined;
  /** Consecutive. The first may lie at or below the log's lastIndex: it and all behind it are replaced. */
  readonly entries: readonly Entry[];
  readonly snapshot: SnapshotMetadata | undefined;
  readonly messages: readonly Message[];
  readonly messagesAfterPersist: readonly Message[];
  readonly committedEntries: readonly Entry[];
  readonly readStates: readonly ReadState[];
  /** Whether step 4 needs a flush: a snapshot, entries, a vote, or the first promise in a term. */
  readonly mustFlush: boolean;
}
