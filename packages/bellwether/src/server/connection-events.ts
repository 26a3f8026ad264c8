import type { Connection } from './connection.ts';

/** What a connection tells its server. */
export interface ConnectionEvents {
  /** A chunk begins; what is measured or collected per turn starts here. */
  onTurnBegin(connection: Connection): void;
  onFrame(connection: Connection, bytes: Buffer, start: number, end: number): void;
  /** `rest` is what came behind the length in the same chunk. */
  onBadLength(connection: Connection, length: number, rest: Buffer): void;
  /** All frames of the chunk that could be taken have been: the time to flush. */
  onTurnEnd(connection: Connection): void;
  /** Frames are left in the reader from now on. */
  onHeld(connection: Connection): void;
  /** A reply was longer than a frame may be, and was replaced by an error. */
  onReplyTooLong(connection: Connection, bytes: number): void;
  /** The client takes its replies again. */
  onDrained(connection: Connection): void;
  /** Its unsent replies are beyond the limit; the connection is being cut. */
  onOverflow(connection: Connection): void;
  /** Nothing more is read or answered; comes once, and before `onClosed`. */
  onEnding(connection: Connection): void;
  onClosed(connection: Connection): void;
}
