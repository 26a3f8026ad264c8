import { connect, type Socket } from 'node:net';

const LENGTH_BYTES = 4;

/** What comes next on a connection. silent: nothing within the time that was given. */
export type Arrival =
  | { readonly kind: 'frame'; readonly frame: Buffer }
  | { readonly kind: 'closed' }
  | { readonly kind: 'silent' };

const CLOSED: Arrival = { kind: 'closed' };
const SILENT: Arrival = { kind: 'silent' };

/** A connection as frames, which are taken one by one in the order of their arrival. */
export class Wire {
  readonly #socket: Socket;
  readonly #frames: Buffer[] = [];
  #received: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #onNext: ((arrival: Arrival) => void) | undefined;

  /** @param host `address:port` */
  constructor(host: string) {
    const [address, port] = host.split(':');
    this.#socket = connect({ host: address!, port: Number(port), noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#onClose());
  }

  send(bytes: Uint8Array): void {
    if (!this.#isClosed) this.#socket.write(bytes);
  }

  /** Frames that came before the close come before it here too. */
  next(timeoutMs: number): Promise<Arrival> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve({ kind: 'frame', frame });
    if (this.#isClosed) return Promise.resolve(CLOSED);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#onNext?.(SILENT), timeoutMs);
      this.#onNext = (arrival) => {
        clearTimeout(timer);
        this.#onNext = undefined;
        resolve(arrival);
      };
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      this.#onFrame(this.#received.subarray(LENGTH_BYTES, end));
      this.#received = this.#received.subarray(end);
    }
  }

  #onFrame(frame: Buffer): void {
    if (this.#onNext === undefined) this.#frames.push(frame);
    else this.#onNext({ kind: 'frame', frame });
  }

  #onClose(): void {
    this.#isClosed = true;
    this.#onNext?.(CLOSED);
  }
}
