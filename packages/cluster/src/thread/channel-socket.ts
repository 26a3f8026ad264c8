import { Socket, type SocketConstructorOpts } from 'node:net';
import { FrameSocket } from '../transport/frame-socket.ts';
import type { ByteWriter } from '../wire/bytes.ts';
import { ReusedInput } from './reused-input.ts';

/** Where one end of a socket pair is: inherited, or at the stream to a child that Node.js has made. */
export type ChannelSource = { readonly fd: number } | { readonly stream: Socket };

export interface ChannelSocketHandlers {
  /** The body of a frame, which is there only until this returns. */
  onBody(body: Uint8Array): void;
  /** The other end is gone. Called once. */
  onClose(): void;
}

/** One end of the socket pair that connects the two processes of a node. */
export class ChannelSocket {
  readonly #socket: FrameSocket;

  constructor(source: ChannelSource, handlers: ChannelSocketHandlers) {
    const input = new ReusedInput((body) => handlers.onBody(body));
    const onread = { buffer: () => input.room(), callback: (bytes: number) => input.onRead(bytes) };
    // Node.js has `onread` here as in connect(); its types don't.
    const options = { ...('fd' in source ? source : takeHandle(source.stream)), onread };
    this.#socket = new FrameSocket(new Socket(options as SocketConstructorOpts), {
      // They come by `onread`.
      onFrame: () => undefined,
      onClose: () => handlers.onClose(),
    });
    this.#socket.onInside();
  }

  /** Writes a frame for each body, together. */
  write(...bodies: readonly ((writer: ByteWriter) => void)[]): void {
    this.#socket.write(...bodies);
  }

  /** Ends at once. */
  destroy(): void {
    this.#socket.destroy();
  }
}

/**
 * A stream to a child can't be told to read into a given buffer, since Node.js makes it; what it reads from can be
 * given to a socket that can. Nothing has been read by then when the child was started in this turn.
 */
function takeHandle(stream: Socket): { readonly handle: unknown } {
  const owner = stream as unknown as { _handle: unknown };
  const handle = owner._handle;
  if (handle === null || handle === undefined) throw new Error('the stream is closed');
  owner._handle = null;
  return { handle };
}
