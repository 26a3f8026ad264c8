import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ClientRecorder } from '../src/wire/client-recorder.ts';
import { History } from '../src/wire/history.ts';
import { Relay } from '../src/wire/relay.ts';

const SILENT_MS = 200;

describe('a relay', () => {
  const servers: Server[] = [];
  const relays: Relay[] = [];
  afterEach(() => {
    servers.splice(0).forEach((server) => server.close());
    relays.splice(0).forEach((relay) => relay.close());
  });

  /** A client's end of a connection, by a relay, to a server that does this. */
  async function connected(onClient: (socket: Socket) => void): Promise<Socket> {
    const server = createServer(onClient);
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const relay = new Relay(new ClientRecorder(new History(() => 0), 1), SILENT_MS);
    relays.push(relay);
    const { port } = server.address() as AddressInfo;
    const [address] = await relay.listen([{ host: '127.0.0.1', port }]);
    const [host, relayPort] = address!.split(':');
    return connect(Number(relayPort), host);
  }

  it('passes on what both sides say, and that one has closed', async () => {
    const socket = await connected((client) => {
      client.on('data', (bytes) => client.end(Buffer.concat([Buffer.from('heard '), bytes])));
    });
    // No frame: the length is that of a long one that never comes.
    socket.write('abcd');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toBe('heard abcd');
    await once(socket, 'close');
  });

  it('gives up a server that is silent, as clients of ZooKeeper do', async () => {
    const socket = await connected((client) => client.on('error', () => undefined));
    const startedMs = performance.now();
    await once(socket, 'close');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(SILENT_MS);
  });
});
