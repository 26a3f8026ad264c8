import { JuteWriter } from '@bellwether/protocol';
import { OUTGOING_BYTES_KEPT } from '../limits.ts';
import type { Runtime, Transport } from '../runtime.ts';

const BYTES_INITIAL = 16 * 1024;

/**
 * Requests on their way into a connection. What is written in one turn of the event loop goes out
 * with one write; what is written while the connection takes that, with the next. Two buffers take
 * turns, so that nothing is copied.
 */
export class Output {
  readonly #runtime: Runtime;
  readonly #transport: Transport;
  readonly #onFlush: () => void;
  /** Whoever adds a frame to it calls `flushSoon` afterwards. */
  writer = new JuteWriter(BYTES_INITIAL);
  #other = new JuteWriter(BYTES_INITIAL);
  #isScheduled = false;
  #isWriting = false;
  #isClosed = false;

  /** @param onFlush is called before each write */
  constructor(runtime: Runtime, transport: Transport, onFlush: () => void) {
    this.#runtime = runtime;
    this.#transport = transport;
    this.#onFlush = onFlush;
  }

  /** Bytes that the connection has not been given yet. */
  get pendingBytes(): number {
    return this.writer.length;
  }

  flushSoon(): void {
    if (this.#isScheduled || this.#isWriting) return;
    this.#isScheduled = true;
    this.#runtime.defer(this.#flush);
  }

  close(): void {
    this.#isClosed = true;
  }

  readonly #flush = (): void => {
    this.#isScheduled = false;
    const { writer } = this;
    if (this.#isClosed || this.#isWriting || writer.length === 0) return;
    this.#isWriting = true;
    this.writer = this.#other;
    this.#other = writer;
    this.#onFlush();
    this.#transport.write(writer.view(), this.#onWritten);
  };

  readonly #onWritten = (): void => {
    this.#isWriting = false;
    const isLarge = this.#other.capacity > OUTGOING_BYTES_KEPT;
    if (isLarge) this.#other = new JuteWriter(BYTES_INITIAL);
    else this.#other.reset();
    this.#flush();
  };
}
