import { once } from 'node:events';
import { promisify } from 'node:util';
import zookeeper, {
  type Client,
  type ClientOptions,
  type Event,
  type Transaction,
} from 'node-zookeeper-client';
import { describe, expect, it } from 'vitest';
import { withCluster } from './cluster-fixture.ts';
import { SERVER } from './server-command.ts';

const { EPHEMERAL, EPHEMERAL_SEQUENTIAL, PERSISTENT, PERSISTENT_SEQUENTIAL } = zookeeper.CreateMode;
const TEST_TIMEOUT_MS = 60_000;
const OPTIONS: ClientOptions = { sessionTimeout: 10_000, spinDelay: 50, retries: 10 };

/** The client with promises instead of callbacks. */
class Session {
  readonly client: Client;
  readonly #disconnects: string[] = [];

  private constructor(client: Client) {
    this.client = client;
    client.on('disconnected', () => this.#disconnects.push('disconnected'));
    client.on('expired', () => this.#disconnects.push('expired'));
  }

  static async open(connectString: string, options: ClientOptions = OPTIONS): Promise<Session> {
    const client = zookeeper.createClient(connectString, options);
    const connected = once(client, 'connected');
    client.connect();
    await connected;
    return new Session(client);
  }

  /**
   * The client tries the servers in an order of its own: opens sessions until one is on `port`.
   */
  static async openOn(connectString: string, port: number): Promise<Session> {
    for (;;) {
      const session = await Session.open(connectString);
      if (session.client.connectionManager.socket.remotePort === port) return session;
      await session.close();
    }
  }

  get disconnects(): readonly string[] {
    return this.#disconnects;
  }

  create(path: string, data: string, mode: number = PERSISTENT): Promise<string> {
    return new Promise((resolve, reject) => {
      this.client.create(path, Buffer.from(data), mode, (error, created) =>
        error ? reject(error) : resolve(created),
      );
    });
  }

  get(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.client.getData(path, (error, data) =>
        error ? reject(error) : resolve(data.toString()),
      );
    });
  }

  /** Resolves once the watch is set, with a promise of the event. */
  watchData(path: string): Promise<{ readonly event: Promise<Event> }> {
    return new Promise((resolve, reject) => {
      const event = new Promise<Event>((onEvent) => {
        this.client.getData(path, onEvent, (error) => (error ? reject(error) : resolve({ event })));
      });
    });
  }

  /** The same for the znode's creation or end. */
  watchExistence(path: string): Promise<{ readonly event: Promise<Event> }> {
    return new Promise((resolve, reject) => {
      const event = new Promise<Event>((onEvent) => {
        this.client.exists(path, onEvent, (error) => (error ? reject(error) : resolve({ event })));
      });
    });
  }

  watchChildren(path: string): Promise<{ readonly event: Promise<Event> }> {
    return new Promise((resolve, reject) => {
      const event = new Promise<Event>((onEvent) => {
        this.client.getChildren(path, onEvent, (error) =>
          error ? reject(error) : resolve({ event }),
        );
      });
    });
  }

  async set(path: string, data: string, version = -1): Promise<number> {
    const setData = promisify(this.client.setData.bind(this.client));
    return (await setData(path, Buffer.from(data), version)).version;
  }

  children(path: string): Promise<string[]> {
    return new Promise((resolve, reject) => {
      this.client.getChildren(path, (error, names) =>
        error ? reject(error) : resolve(names.sort()),
      );
    });
  }

  remove(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.client.remove(path, -1, (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    const disconnected = once(this.client, 'disconnected');
    this.client.close();
    await disconnected;
  }
}

/** Names of the errors that node-zookeeper-client gives. */
async function errorOf(operation: Promise<unknown>): Promise<string> {
  return operation.then(
    () => 'no error',
    (error: { readonly name: string }) => error.name,
  );
}

/** 'done', or the name of the error. */
function outcomeOf(transaction: Transaction): Promise<string> {
  return new Promise((resolve) => {
    transaction.commit((error) => resolve(error ? error.getName() : 'done'));
  });
}

describe('node-zookeeper-client', () => {
  it(
    'creates, reads, sets, lists and deletes, and gets the errors it expects',
    () =>
      withCluster(async (cluster) => {
        const session = await Session.open(cluster.connectString);
        expect(await session.create('/a', 'one')).toBe('/a');
        expect(await session.get('/a')).toBe('one');
        expect(await session.set('/a', 'two', 0)).toBe(1);
        expect(await session.get('/a')).toBe('two');
        expect(await session.create('/a/s-', '', PERSISTENT_SEQUENTIAL)).toBe('/a/s-0000000000');
        expect(await session.create('/a/e-', '', EPHEMERAL_SEQUENTIAL)).toBe('/a/e-0000000001');
        expect(await session.children('/a')).toEqual(['e-0000000001', 's-0000000000']);

        expect(await errorOf(session.create('/a', ''))).toBe('NODE_EXISTS');
        expect(await errorOf(session.get('/missing'))).toBe('NO_NODE');
        expect(await errorOf(session.create('/missing/child', ''))).toBe('NO_NODE');
        expect(await errorOf(session.set('/a', '', 7))).toBe('BAD_VERSION');
        expect(await errorOf(session.remove('/a'))).toBe('NOT_EMPTY');
        const underEphemeral = session.create('/a/e-0000000001/child', '');
        expect(await errorOf(underEphemeral)).toBe('NO_CHILDREN_FOR_EPHEMERALS');

        await session.remove('/a/s-0000000000');
        await session.remove('/a/e-0000000001');
        await session.remove('/a');
        expect(await errorOf(session.get('/a'))).toBe('NO_NODE');
        await session.close();
      }),
    TEST_TIMEOUT_MS,
  );

  it(
    'is told by its watches what another session does on another server',
    () =>
      withCluster(async (cluster) => {
        const [one, two] = cluster.nodes;
        const watching = await Session.open(one!.address);
        const acting = await Session.open(two!.address);
        const created = await watching.watchExistence('/w');
        await acting.create('/w', '1');
        expect((await created.event).getName()).toBe('NODE_CREATED');

        const changed = await watching.watchData('/w');
        await acting.set('/w', '2');
        expect((await changed.event).getName()).toBe('NODE_DATA_CHANGED');
        // The event comes before what it announces can be read.
        expect(await watching.get('/w')).toBe('2');

        const grown = await watching.watchChildren('/w');
        await acting.create('/w/ephemeral', '', EPHEMERAL);
        expect((await grown.event).getName()).toBe('NODE_CHILDREN_CHANGED');

        const ended = await watching.watchExistence('/w/ephemeral');
        await acting.close();
        expect((await ended.event).getName()).toBe('NODE_DELETED');
        await watching.close();
      }),
    TEST_TIMEOUT_MS,
  );

  it(
    'commits a transaction as a whole or not at all',
    () =>
      withCluster(async (cluster) => {
        const session = await Session.open(cluster.connectString);
        const good = session.client.transaction();
        good.create('/t', Buffer.from('1')).setData('/t', Buffer.from('2'));
        expect(await outcomeOf(good)).toBe('done');
        const bad = session.client.transaction().remove('/t').check('/missing');
        expect(await outcomeOf(bad)).toBe('NO_NODE');
        expect(await session.get('/t')).toBe('2');
        await session.close();
      }),
    TEST_TIMEOUT_MS,
  );

  it(
    'goes on when the leader is killed: with its session, its ephemeral znode and its watch',
    () =>
      withCluster(async (cluster) => {
        const leader = await cluster.waitForLeader();
        const [follower] = await cluster.followers();
        const ofLeader = await Session.openOn(cluster.connectString, leader.clientPort);
        const ofFollower = await Session.open(follower!.address);
        const sessionId = ofLeader.client.getSessionId().toString('hex');
        await ofLeader.create('/data', 'before');
        await ofLeader.create('/mine', '', EPHEMERAL);
        const { event } = await ofLeader.watchData('/data');

        await leader.kill();
        await ofFollower.set('/data', 'after');
        expect((await event).getName()).toBe('NODE_DATA_CHANGED');
        expect(await ofLeader.get('/data')).toBe('after');
        expect(await ofLeader.get('/mine')).toBe('');
        expect(ofLeader.client.getSessionId().toString('hex')).toBe(sessionId);
        // ZooKeeper's followers drop their clients when the leader is gone; ours keep them.
        if (SERVER === 'bellwether') expect(ofFollower.disconnects).toEqual([]);

        leader.start();
        await leader.waitUntilServing();
        const ofRestarted = await Session.open(leader.address);
        expect(await ofRestarted.get('/data')).toBe('after');
        await Promise.all([ofLeader, ofFollower, ofRestarted].map((session) => session.close()));
      }),
    TEST_TIMEOUT_MS,
  );
});
