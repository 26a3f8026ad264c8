import type { Socket } from 'node:net';
import type { ByteWriter } from '../wire/bytes.ts';
import { ByteWriter as Writer } from '../wire/bytes.ts';
import { FrameSplitter, writeFrame } from '../wire/frame.ts';

/** Shared by all sockets of the thread: a batch is copied out of it before the next one begins. */
const scratch = new Writer();

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

  constructor(socket: Socket, handler: FrameSocketHandler) {
    this.#socket = socket;
    this.#handler = handler;
    const splitter = new FrameSplitter((body) => this.#onFrame(body));
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#guard(() => splitter.push(chunk)));
    socket.on('error', (error) => (this.#error ??= error));
    socket.on('close', () => this.#handler.onClose(this.#error));
  }

  /** Whoever takes over after the handshake. */
  set handler(handler: FrameSocketHandler) {
    this.#handler = handler;
  }

  /** Bytes that were written and not yet taken by the kernel. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Writes one frame for each of `bodies`, together. */
  writeAll(bodies: readonly ((writer: ByteWriter) => void)[]): boolean {
    scratch.reset();
    for (const body of bodies) writeFrame(scratch, body);
    return this.#socket.write(Buffer.from(scratch.view()));
  }

  /** Writes one frame; false when the kernel's buffer is full (see onDrain). */
  write(body: (writer: ByteWriter) => void): boolean {
    return this.writeAll([body]);
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
