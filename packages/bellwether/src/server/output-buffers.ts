import { JuteWriter } from '@bellwether/protocol';
import type { Connection } from './connection.ts';
import { SERVER_LIMITS } from './limits.ts';

/**
 * The writers that connections put their replies into during one turn (a chunk of requests, or a
 * batch of committed entries), and which connections those are. At the end of the turn each gets one
 * write to its socket. A writer is a connection's for one turn only, so idle connections hold none.
 */
export class OutputBuffers {
  readonly #free: JuteWriter[] = [];
  readonly #dirty: Connection[] = [];

  /** A writer for `connection`, which is flushed with the others. */
  take(connection: Connection): JuteWriter {
    this.#dirty.push(connection);
    return this.#free.pop() ?? new JuteWriter(undefined, SERVER_LIMITS.outputBufferBytesMax);
  }

  release(writer: JuteWriter): void {
    if (writer.capacity > SERVER_LIMITS.outputBufferKeptBytesMax) return;
    if (this.#free.length >= SERVER_LIMITS.outputBuffersKept) return;
    writer.reset();
    this.#free.push(writer);
  }

  /** One write per connection that has something to say. */
  flushAll(): void {
    const dirty = this.#dirty;
    // A flush may add to the list (a connection that reads on), so its length is read anew.
    for (let i = 0; i < dirty.length; i++) dirty[i]?.flush();
    dirty.length = 0;
  }
}
