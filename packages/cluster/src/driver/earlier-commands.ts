import type { LogIndex, LogReader, NodeId } from '@bellwether/raft';
import { commandIncarnation, commandOrigin, commandSequence, commandTimeMs } from '../command.ts';
import { LIMITS } from '../limits.ts';

/**
 * What a new leader finds in its own log of the terms before: all that will ever be committed of them.
 * Only the end of the log is looked at; what would take longer is left to the usual way, which waits
 * until the term's first entry is committed.
 */
export class EarlierCommands {
  readonly #log: LogReader;

  constructor(log: LogReader) {
    this.#log = log;
  }

  /**
   * The newest sequence of this origin's incarnation between the two indexes, both exclusive; 0 when
   * there is none, undefined when too much lies between them or the log does not reach back.
   */
  newestSequence(
    whose: { readonly origin: NodeId; readonly incarnation: number },
    after: LogIndex,
    before: LogIndex,
  ): number | undefined {
    let newest = 0;
    const isRead = this.#forEach(after, before, (data) => {
      if (commandOrigin(data) !== whose.origin) return;
      if (commandIncarnation(data) === whose.incarnation) newest = commandSequence(data);
    });
    return isRead ? newest : undefined;
  }

  /** The latest time among them, ms since 1970: 0 without any, undefined as above. */
  newestTimeMs(after: LogIndex, before: LogIndex): number | undefined {
    let newest = 0;
    const isRead = this.#forEach(after, before, (data) => (newest = commandTimeMs(data)));
    return isRead ? newest : undefined;
  }

  #forEach(after: LogIndex, before: LogIndex, onCommand: (data: Uint8Array) => void): boolean {
    const log = this.#log;
    if (after + 1 < log.firstIndex()) return false;
    if (before - after - 1 > LIMITS.earlierEntriesMax) return false;
    let bytesLeft: number = LIMITS.earlierBytesMax;
    for (let from = after + 1; from < before && bytesLeft >= 0;) {
      const entries = log.entries(from, before - 1, LIMITS.committedBytesMax);
      for (const { kind, data } of entries) {
        bytesLeft -= data.length;
        if (kind === 'command') onCommand(data);
      }
      from += entries.length;
    }
    return bytesLeft >= 0;
  }
}
