import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { DialTarget, Runtime, Transport, TransportHandlers } from './runtime.ts';

/** TLS as `node:tls` takes it: `ca`, `cert`, `key`, `passphrase`, `servername`, ... */
export type TlsOptions = Omit<ConnectionOptions, 'host' | 'port' | 'socket' | 'path' | 'lookup'>;

/** Sockets and timers of Node.js. */
export class NodeRuntime implements Runtime {
  readonly #tls: TlsOptions | undefined;

  /** @param tls undefined: plain TCP */
  constructor(tls: TlsOptions | undefined) {
    this.#tls = tls;
  }

  nowMs(): number {
    return performance.now();
  }

  setTimer(onTime: () => void, delayMs: number): NodeJS.Timeout {
    return setTimeout(onTime, delayMs);
  }

  clearTimer(timer: unknown): void {
    clearTimeout(timer as NodeJS.Timeout);
  }

  defer(work: () => void): void {
    process.nextTick(work);
  }

  random(): number {
    return Math.random();
  }

  dial(target: DialTarget, handlers: TransportHandlers): Transport {
    return new SocketTransport(target, handlers, this.#tls);
  }
}

/** A socket; its address is looked up when it is dialled, and one of several is taken by chance. */
class SocketTransport implements Transport {
  readonly #handlers: TransportHandlers;
  readonly #tls: TlsOptions | undefined;
  #socket: Socket | undefined;
  #isOver = false;

  constructor(target: DialTarget, handlers: TransportHandlers, tls: TlsOptions | undefined) {
    this.#handlers = handlers;
    this.#tls = tls;
    if (isIP(target.host) !== 0) this.#open(target.host, target);
    else void this.#resolve(target);
  }

  write(bytes: Uint8Array, onWritten: () => void): void {
    this.#socket?.write(bytes, (error) => {
      if (error === undefined || error === null) onWritten();
    });
  }

  destroy(): void {
    this.#isOver = true;
    this.#socket?.destroy();
  }

  async #resolve(target: DialTarget): Promise<void> {
    try {
      const found = await lookup(target.host, { all: true });
      const chosen = found[Math.floor(Math.random() * found.length)];
      if (chosen === undefined) throw new Error(`${target.host} has no address`);
      if (!this.#isOver) this.#open(chosen.address, target);
    } catch (error) {
      this.#close(error as Error);
    }
  }

  #open(address: string, { host, port }: DialTarget): void {
    const socket =
      this.#tls === undefined
        ? connectTcp({ host: address, port, noDelay: true })
        : connectTls({ ...nameFor(host), ...this.#tls, host: address, port });
    this.#socket = socket;
    socket.setNoDelay(true);
    const opened = this.#tls === undefined ? 'connect' : 'secureConnect';
    socket.once(opened, () => {
      if (!this.#isOver) this.#handlers.onConnected();
    });
    socket.on('data', (bytes: Buffer) => {
      if (!this.#isOver) this.#handlers.onData(bytes);
    });
    socket.on('error', (error) => this.#close(error));
    socket.on('end', () => this.#close(new Error('the server closed the connection')));
    socket.on('close', () => this.#close(new Error('the connection closed')));
  }

  #close(reason: Error): void {
    if (this.#isOver) return;
    this.destroy();
    this.#handlers.onClosed(reason);
  }
}

/** What the certificate has to be for: an address is no name for SNI, but is checked all the same. */
function nameFor(host: string): ConnectionOptions {
  return isIP(host) === 0 ? { servername: host } : {};
}
