import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { DialTarget, Runtime, Transport, TransportHandlers } from '@bellwether/client';
import type { ClientRecorder } from './client-recorder.ts';

const NOWHERE: Transport = { write: () => undefined, destroy: () => undefined };

/** The world of one client of our own: sockets and timers of Node.js, with somebody who listens in. */
export class RecordedRuntime implements Runtime {
  readonly random: () => number;
  readonly #recorder: ClientRecorder;
  readonly #sockets = new Set<Socket>();
  #isAbandoned = false;

  /** @param random in [0, 1) */
  constructor(recorder: ClientRecorder, random: () => number) {
    this.#recorder = recorder;
    this.random = random;
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /**
   * The client's program is gone. closed: its kernel closes what it had open. silent: its machine is gone,
   * too, and nobody is told.
   */
  abandon(how: 'closed' | 'silent'): void {
    this.#isAbandoned = true;
    for (const socket of this.#sockets) {
      if (how === 'closed') socket.destroy();
      else socket.removeAllListeners('data').pause();
    }
  }

  nowMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
  }

  uuid(): string {
    return randomUUID();
  }

  setTimer(onTime: () => void, delayMs: number): NodeJS.Timeout {
    return setTimeout(() => (this.#isAbandoned ? undefined : onTime()), delayMs);
  }

  clearTimer(timer: unknown): void {
    clearTimeout(timer as NodeJS.Timeout);
  }

  defer(work: () => void): void {
    process.nextTick(work);
  }

  dial({ host, port }: DialTarget, handlers: TransportHandlers): Transport {
    if (this.#isAbandoned) return NOWHERE;
    const connection = this.#recorder.connect();
    const socket = connect({ host, port, noDelay: true });
    this.#sockets.add(socket);
    let isOver = false;
    const close = (reason: Error): void => {
      if (isOver) return;
      destroy();
      handlers.onClosed(reason);
    };
    const destroy = (): void => {
      isOver = true;
      connection.onClosed();
      socket.destroy();
    };
    socket.once('connect', () => (isOver ? undefined : handlers.onConnected()));
    socket.on('data', (bytes: Buffer) => {
      if (isOver || this.#isAbandoned) return;
      connection.onReceived(bytes);
      handlers.onData(bytes);
    });
    socket.on('error', close);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      close(new Error('the connection closed'));
    });
    return {
      write: (bytes, onWritten) => {
        if (this.#isAbandoned) return;
        connection.onSent(bytes);
        socket.write(bytes, (error) => (error ? undefined : onWritten()));
      },
      destroy,
    };
  }
}
