import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { Logger } from '../logger.ts';
import type { ClientSocket } from './client-socket.ts';
import { SERVER_LIMITS } from './limits.ts';
import type { ServerSettings } from './server-settings.ts';

/** Accepts clients, and counts them per address. */
export class ClientListener {
  readonly #settings: ServerSettings;
  readonly #log: Logger;
  readonly #onConnection: (socket: ClientSocket) => void;
  readonly #onRejected: () => void;
  readonly #countByAddress = new Map<string, number>();
  readonly #server: Server;
  #count = 0;

  constructor(options: {
    readonly settings: ServerSettings;
    readonly log: Logger;
    readonly onConnection: (socket: ClientSocket) => void;
    readonly onRejected: () => void;
  }) {
    this.#settings = options.settings;
    this.#log = options.log;
    this.#onConnection = options.onConnection;
    this.#onRejected = options.onRejected;
    this.#server = createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  /** @throws the system's error, e.g. EADDRINUSE */
  async listen(): Promise<AddressInfo> {
    const server = this.#server;
    const { clientAddress, clientPort } = this.#settings;
    server.listen({
      port: clientPort,
      backlog: SERVER_LIMITS.listenBacklog,
      ...(clientAddress === undefined ? {} : { host: clientAddress }),
    });
    await once(server, 'listening');
    server.on('error', (error) => this.#log.error('client port failed', { error }));
    return server.address() as AddressInfo;
  }

  /** Accepts nobody any more. Resolves when the last connection is gone. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Somebody connected. */
  accept(socket: ClientSocket): void {
    const address = socket.remoteAddress;
    // The client may be gone again already.
    if (address === undefined) return void socket.destroy();
    const reason = this.#refusal(address);
    if (reason !== undefined) {
      this.#log.warn('connection refused', { address, reason });
      this.#onRejected();
      socket.on('error', () => undefined);
      return void socket.destroy();
    }
    this.#add(address, 1);
    socket.on('close', () => this.#add(address, -1));
    this.#onConnection(socket);
  }

  #refusal(address: string): string | undefined {
    const { connectionsPerAddressMax, connectionsMax } = this.#settings;
    if (connectionsMax > 0 && this.#count >= connectionsMax) return 'too many connections';
    const count = this.#countByAddress.get(address) ?? 0;
    if (connectionsPerAddressMax > 0 && count >= connectionsPerAddressMax) {
      return 'too many connections from this address';
    }
    return undefined;
  }

  #add(address: string, change: number): void {
    this.#count += change;
    const count = (this.#countByAddress.get(address) ?? 0) + change;
    if (count === 0) this.#countByAddress.delete(address);
    else this.#countByAddress.set(address, count);
  }
}
