import { JuteWriter, writeConnectResponse } from '@bellwether/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { RandomSource, World } from '../src/index.ts';
import { Link } from '../src/network/link.ts';
import { SimulatedThread } from '../src/thread.ts';
import { ClientConnection } from '../src/zookeeper/client-connection.ts';

const SESSION = 7;

/** What a server says first. */
function answer(): Uint8Array {
  const writer = new JuteWriter();
  const frame = writer.beginFrame();
  const passwd = new Uint8Array(16);
  writeConnectResponse(writer, {
    ...{ protocolVersion: 0, timeoutMs: 800, sessionId: SESSION, passwd, readOnly: false },
  });
  writer.endFrame(frame);
  return writer.copy();
}

describe('a client with a session', () => {
  let world: World;
  let there: Link;
  let client: ClientConnection;
  let heard: number[];

  beforeEach(() => {
    world = new World(new RandomSource(1));
    const link = (from: number, to: number): Link => new Link(from, to, world.random.fork('link'));
    there = link(5, 1);
    heard = [];
    client = new ClientConnection({
      ...{ world, there, back: link(1, 5), random: world.random.fork('client') },
      thread: new SimulatedThread(world, () => undefined),
      clientAddress: '10.0.0.5',
      isMachineUp: () => true,
      onHeard: (session) => heard.push(session),
    });
    client.receive(answer());
  });

  const ping = (): void => {
    client.send(Uint8Array.of(1));
    world.run(world.nowMs + 500);
  };

  it('is heard by a server that serves its connection', () => {
    ping();
    expect(heard).toEqual([SESSION]);
  });

  it('is not heard while its link is cut, and then is', () => {
    there.cut();
    ping();
    expect(heard).toEqual([]);
    there.heal();
    world.run(world.nowMs + 500);
    expect(heard).toEqual([SESSION]);
  });

  it('is not heard by a server that has ended its connection, and throws away what was on its way', () => {
    there.cut();
    ping();
    client.socket.end();
    there.heal();
    world.run(world.nowMs + 500);
    expect(heard).toEqual([]);
  });
});
