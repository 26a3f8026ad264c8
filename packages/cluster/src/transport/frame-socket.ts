import type { Socket } from 'node:net';
import { LIMITS } from '../limits.ts';
import type { ByteWriter } from '../wire/bytes.ts';
import { ByteWriter as Writer } from '../wire/bytes.ts';
import { FrameSplitter, writeFrame } from '../wire/frame.ts';

/**
 * Buffers that were written out and may be written again, shared by all sockets of the thread. A new
 * buffer for every write would make the collector run several times a second under load, since memory
 * outside the heap counts.
 */
const idle: Writer[] = [];

function release(writer: Writer): void {
  if (idle.length >= LIMITS.writeBuffersKept) return;
  if (writer.capacity <= LIMITS.writeBufferKeptBytesMax) idle.push(writer);
}

export interface FrameSocketHandler {
  /** A frame's body; an error thrown from here ends the connection with that error. */
  onFrame(body: Uint8Array): void;
  /** Called once, whatever ended the connection. */
  onClose(error: Error | undefined): void;
}

/** A TCP connection that carries frames. */
export class FrameSocket {
  readonly #socket: Socket;
  #error: Error | undefined;
  #handler: FrameSocketHandler;
  readonly #splitter: FrameSplitter;
  #isChecked = true;
  #isClosed = false;

  constructor(socket: Socket, handler: FrameSocketHandler) {
    this.#socket = socket;
    this.#handler = handler;
    const splitter = new FrameSplitter((body) => this.#onFrame(body));
    splitter.bytesMax = LIMITS.handshakeFrameBytesMax;
    this.#splitter = splitter;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#guard(() => splitter.push(chunk)));
    // The other side is gone or going: nothing that is still to be sent would be heard.
    socket.on('end', () => {
      socket.destroy();
      this.#onClosed();
    });
    socket.on('error', (error) => (this.#error ??= error));
    socket.on('close', () => this.#onClosed());
  }

  /** Whoever takes over after the handshake. */
  set handler(handler: FrameSocketHandler) {
    this.#handler = handler;
  }

  /** The other side is known: its frames may be long from now on. */
  onIntroduced(): void {
    this.#splitter.bytesMax = LIMITS.peerFrameBytesMax;
  }

  /** The other side is a process of the same node: what it says comes as it was sent, and needs no checksum. */
  onInside(): void {
    this.onIntroduced();
    this.#isChecked = false;
    this.#splitter.isChecked = false;
  }

  /** Bytes that were written and not yet taken by the kernel. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Writes the frames that `writeFrames` makes, together; false when the kernel's buffer is full. */
  writeAll(writeFrames: (writer: ByteWriter) => void): boolean {
    const writer = idle.pop() ?? new Writer();
    writer.reset();
    writeFrames(writer);
    return this.#socket.write(writer.view(), () => release(writer));
  }

  /** Writes a frame for each body, together; false when the kernel's buffer is full (see onDrain). */
  write(...bodies: readonly ((writer: ByteWriter) => void)[]): boolean {
    return this.writeAll((writer) => {
      for (const body of bodies) writeFrame(writer, body, this.#isChecked);
    });
  }

  onDrain(action: () => void): void {
    this.#socket.once('drain', action);
  }

  /** Ends after what was written has been sent. */
  end(): void {
    this.#socket.end();
  }

  /** Ends at once. */
  destroy(error?: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
  }

  /** The owner of a lost connection need not wait until it is closed on this side too. */
  #onClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handler.onClose(this.#error);
  }

  #onFrame(body: Uint8Array): void {
    if (!this.#socket.destroyed) this.#handler.onFrame(body);
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
