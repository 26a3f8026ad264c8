import { connect, createServer, type Server, type Socket } from 'node:net';
import type { ClientRecorder } from './client-recorder.ts';

export interface RelayTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * Between a client that other people wrote and one server each: listens on loopback, passes everything on,
 * and lets the recorder listen in. A connection over which nothing came for `silentMsMax` is closed, as
 * ZooKeeper's own clients do; not all others do it.
 */
export class Relay {
  readonly #recorder: ClientRecorder;
  readonly #silentMsMax: number;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(recorder: ClientRecorder, silentMsMax: number) {
    this.#recorder = recorder;
    this.#silentMsMax = silentMsMax;
  }

  /** @returns where the client finds each of the servers: host:port */
  listen(targets: readonly RelayTarget[]): Promise<readonly string[]> {
    return Promise.all(targets.map((target) => this.#listenFor(target)));
  }

  /** Ends everything; the other side sees its connection close. */
  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#recorder.end();
  }

  #listenFor(target: RelayTarget): Promise<string> {
    const server = createServer((client) => this.#onClient(client, target));
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: 0 }, () => {
        const address = server.address();
        const port = typeof address === 'object' ? address?.port : 0;
        resolve(`127.0.0.1:${port}`);
      });
    });
  }

  #onClient(client: Socket, target: RelayTarget): void {
    const recorded = this.#recorder.connect();
    const server = connect({ ...target, noDelay: true });
    client.setNoDelay(true);
    const end = (): void => {
      recorded.onClosed();
      client.destroy();
      server.destroy();
    };
    let heardMs = performance.now();
    client.on('data', (bytes) => {
      recorded.onSent(bytes);
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      heardMs = performance.now();
      recorded.onReceived(bytes);
      client.write(bytes);
    });
    const timer = setInterval(() => {
      if (performance.now() - heardMs > this.#silentMsMax) end();
    }, this.#silentMsMax / 4);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        clearInterval(timer);
        end();
      });
    }
  }
}
