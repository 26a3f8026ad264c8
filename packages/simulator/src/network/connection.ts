import type { SimulatedThread } from '../thread.ts';
import type { Pipe } from './pipe.ts';

/** One side of a connection, as its process holds it. */
export class ConnectionEnd {
  readonly peerId: number;
  readonly thread: SimulatedThread;
  /** To the other side. */
  readonly pipe: Pipe;
  #other: ConnectionEnd | undefined;
  #isOpen = true;
  /** The handshake is done on this side: messages are taken. */
  isAttached = false;
  /** The process hears that its connection is gone; not called for what it closed itself. */
  onLost: () => void = () => {};

  constructor(peerId: number, thread: SimulatedThread, pipe: Pipe) {
    this.peerId = peerId;
    this.thread = thread;
    this.pipe = pipe;
  }

  static join(a: ConnectionEnd, b: ConnectionEnd): void {
    a.#other = b;
    b.#other = a;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Delivers in order, unless either side has closed by then. */
  send(deliver: () => void): void {
    const other = this.#other;
    if (other === undefined || !this.#isOpen) return;
    this.pipe.send(() => other.#arrive(deliver));
  }

  /**
   * Delivers without regard to the order, `delayMs` from now: the core's messages only. What overtakes the
   * handshake is lost: nobody may be heard over a connection that is not there yet.
   */
  deliverAside(deliver: () => void, delayMs: number): void {
    const other = this.#other;
    other?.thread.post(delayMs, () => {
      if (other.isAttached) other.handle(deliver);
    });
  }

  /** What arrived is only handled by a side that is still open when its thread comes to it. */
  handle(deliver: () => void): void {
    if (this.#isOpen) deliver();
  }

  /** Closes this side; the other's kernel is told, behind everything that was sent. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.tellOther();
  }

  /** The process or its machine is gone, and nobody is told (yet). */
  abandon(): void {
    this.#isOpen = false;
  }

  /** The other kernel learns that this side is closed. */
  tellOther(): void {
    const other = this.#other;
    if (other !== undefined) this.pipe.send(() => other.lose());
  }

  /** Its process closes this side for what it has read: nothing that arrived behind that is handled. */
  breakOff(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.tellOther();
    this.thread.run(() => this.onLost());
  }

  /** The connection broke as seen from this side. */
  lose(): void {
    this.thread.run(() => {
      if (!this.#isOpen) return;
      this.#isOpen = false;
      this.onLost();
    });
  }

  #arrive(deliver: () => void): void {
    this.thread.run(() => this.handle(deliver));
  }
}
