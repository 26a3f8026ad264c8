import type { AppendEntries } from '@bellwether/raft';
import { LIMITS } from '../limits.ts';
import { ByteWriter } from './bytes.ts';
import { beginFrame, endFrame } from './frame.ts';
import { writeMessage } from './message-codec.ts';
import type { PeerMessage } from './peer-message.ts';

/**
 * Writes messages as frames. Followers that are equally far are sent the same entries in the same
 * turn: those are written out, and their checksum is made, once for all of them.
 */
export class PeerFrames {
  #shared: AppendEntries | undefined;
  #bytes = new ByteWriter();

  write(writer: ByteWriter, message: PeerMessage): void {
    if (message.type !== 'AppendEntries' || message.entries.length === 0) {
      return writeFrameOf(writer, message);
    }
    if (!this.#isShared(message)) {
      this.#bytes.reset();
      writeFrameOf(this.#bytes, message);
      this.#shared = message;
    }
    writer.raw(this.#bytes.view());
  }

  /** The turn is over: nothing is kept but a buffer to be used again. */
  endTurn(): void {
    this.#shared = undefined;
    if (this.#bytes.capacity > LIMITS.writeBufferKeptBytesMax) this.#bytes = new ByteWriter();
  }

  /** The core gives all followers that are equally far the same array. */
  #isShared(message: AppendEntries): boolean {
    const shared = this.#shared;
    return (
      shared !== undefined &&
      shared.entries === message.entries &&
      shared.term === message.term &&
      shared.prevIndex === message.prevIndex &&
      shared.prevTerm === message.prevTerm &&
      shared.commit === message.commit
    );
  }
}

function writeFrameOf(writer: ByteWriter, message: PeerMessage): void {
  const frame = beginFrame(writer);
  writeMessage(writer, message);
  endFrame(writer, frame);
}
