import { randomUUID } from 'node:crypto';
import { lookup as lookupName } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type ConnectionOptions } from 'node:tls';
import { ClientError } from './errors.ts';
import type { DialTarget, Runtime, Transport, TransportHandlers } from './runtime.ts';

/** TLS as `node:tls` takes it: `ca`, `cert`, `key`, `passphrase`, `servername`, ... */
export type TlsOptions = Omit<ConnectionOptions, 'host' | 'port' | 'socket' | 'path' | 'lookup'>;

/** The addresses of a name, in any order. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** How sockets are opened. */
interface SocketOptions {
  readonly tls: TlsOptions | undefined;
  readonly lookup: Lookup;
}

async function lookupAddresses(host: string): Promise<readonly string[]> {
  const found = await lookupName(host, { all: true });
  return found.map(({ address }) => address);
}

/** Sockets and timers of Node.js. */
export class NodeRuntime implements Runtime {
  readonly #sockets: SocketOptions;

  /**
   * Throws `badArguments` for keys and certificates that are none.
   *
   * @param tls undefined: plain TCP
   * @param lookup for tests
   */
  constructor(tls: TlsOptions | undefined, lookup: Lookup = lookupAddresses) {
    this.#sockets = { tls: tls === undefined ? undefined : withContext(tls), lookup };
  }

  nowMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
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

  uuid(): string {
    return randomUUID();
  }

  dial(target: DialTarget, handlers: TransportHandlers): Transport {
    return new SocketTransport(target, handlers, this.#sockets);
  }
}

/** Keys and certificates are read once, and what is wrong with them is said before anybody dials. */
function withContext(tls: TlsOptions): TlsOptions {
  try {
    return { ...tls, secureContext: tls.secureContext ?? createSecureContext(tls) };
  } catch (cause) {
    const message = `the options for TLS are refused: ${(cause as Error).message}`;
    throw new ClientError('badArguments', { message, cause });
  }
}

/**
 * A socket. Its name is looked up when it is dialled, and its addresses are tried in an order by
 * chance, until one takes the connection.
 */
class SocketTransport implements Transport {
  readonly #handlers: TransportHandlers;
  readonly #target: DialTarget;
  readonly #options: SocketOptions;
  #addresses: string[] = [];
  #socket: Socket | undefined;
  #isOpen = false;
  #isOver = false;

  constructor(target: DialTarget, handlers: TransportHandlers, options: SocketOptions) {
    this.#handlers = handlers;
    this.#target = target;
    this.#options = options;
    if (isIP(target.host) !== 0) this.#open(target.host);
    else void this.#resolve();
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

  async #resolve(): Promise<void> {
    const { host } = this.#target;
    try {
      const found = new Set(await this.#options.lookup(host));
      const shuffled = [...found].map((address) => ({ address, chance: Math.random() }));
      shuffled.sort((a, b) => a.chance - b.chance);
      this.#addresses = shuffled.map(({ address }) => address);
    } catch (error) {
      return this.#close(error as Error);
    }
    const first = this.#addresses.shift();
    if (first === undefined) this.#close(new Error(`${host} has no address`));
    else if (!this.#isOver) this.#open(first);
  }

  #open(address: string): void {
    const { tls } = this.#options;
    const { host, port } = this.#target;
    const socket =
      tls === undefined
        ? connectTcp({ host: address, port, noDelay: true })
        : connectTls({ ...nameFor(host), ...tls, host: address, port });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      this.#isOpen = true;
      if (!this.#isOver) this.#handlers.onConnected();
    });
    socket.on('data', (bytes: Buffer) => {
      if (!this.#isOver) this.#handlers.onData(bytes);
    });
    const onEnded = (reason: Error): void => {
      if (socket === this.#socket) this.#onEnded(reason);
    };
    socket.on('error', onEnded);
    socket.on('end', () => onEnded(new Error('the server closed the connection')));
    socket.on('close', () => onEnded(new Error('the connection closed')));
  }

  #onEnded(reason: Error): void {
    const next = this.#isOpen || this.#isOver ? undefined : this.#addresses.shift();
    if (next === undefined) return this.#close(reason);
    this.#socket?.destroy();
    this.#open(next);
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
