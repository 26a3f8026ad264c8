import type { Change } from '@bellwether/simulator/oracle';
import zookeeper, { type Client } from 'node-zookeeper-client';
import type { ClientRecorder } from '../wire/client-recorder.ts';
import { Relay, type RelayTarget } from '../wire/relay.ts';
import type { Asker } from './asker.ts';

export interface ForeignAskerOptions {
  readonly targets: readonly RelayTarget[];
  readonly sessionTimeoutMs: number;
}

/** ZooKeeper's clients leave a server that was silent for so much of the session's time-out. */
const SILENT_SHARE = 2 / 3;
const SPIN_DELAY_MS = 200;
const CLOSE_MS_MAX = 2_000;

/**
 * A client that other people wrote, node-zookeeper-client, behind a relay that lets the recorder listen in. It
 * leaves no watches: what it was told of them and what the relay saw could differ when a connection ends.
 */
export class ForeignAsker implements Asker {
  readonly kind = 'node-zookeeper-client';
  readonly canWatch = false;
  readonly acknowledged = new Set<string>();
  readonly problems: readonly string[] = [];
  readonly #recorder: ClientRecorder;
  readonly #options: ForeignAskerOptions;
  #client: Client | undefined;
  /** Of this client alone: one that was given up can't come back by it. */
  #relay: Relay | undefined;
  /** Of this client: what it had not sent when it was given up is never answered. */
  #unanswered = { count: 0 };
  #isOver = false;

  constructor(recorder: ClientRecorder, options: ForeignAskerOptions) {
    this.#recorder = recorder;
    this.#options = options;
    void this.#connect();
  }

  get isOpen(): boolean {
    return this.#client?.getState() === zookeeper.State.SYNC_CONNECTED;
  }

  get pending(): number {
    return this.#unanswered.count;
  }

  write(changes: readonly Change[]): void {
    const [first] = changes;
    if (first === undefined) return;
    const done = this.#answer(() => this.acknowledged.add(first.value));
    if (changes.length === 1) return this.#writeOne(first, done);
    let transaction = this.#client!.transaction();
    for (const { path, value, expectedVersion } of changes) {
      transaction = transaction.setData(path, Buffer.from(value), expectedVersion);
    }
    transaction.commit(done);
  }

  read(path: string, _watch: 'watch' | 'none', onRead: (version: number) => void): void {
    const done = this.#answer<[Buffer, { readonly version: number }]>((_data, stat) => {
      onRead(stat.version);
    });
    this.#client!.getData(path, done);
  }

  /** The library has no sync. */
  readNewest(path: string, onRead: (version: number) => void): void {
    this.read(path, 'none', onRead);
  }

  exists(path: string): void {
    this.#client!.exists(path, this.#answer());
  }

  list(path: string): void {
    this.#client!.getChildren(path, this.#answer());
  }

  renew(): void {
    void this.#closeClient().then(() => (this.#isOver ? undefined : this.#connect()));
  }

  abandon(): void {
    this.#isOver = true;
    this.#relay?.close();
    this.#client?.close();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#closeClient();
  }

  async #connect(): Promise<void> {
    this.#relay?.close();
    const relay = new Relay(this.#recorder, this.#options.sessionTimeoutMs * SILENT_SHARE);
    this.#relay = relay;
    const servers = await relay.listen(this.#options.targets);
    if (this.#isOver) return relay.close();
    const client = zookeeper.createClient(servers.join(','), {
      sessionTimeout: this.#options.sessionTimeoutMs,
      spinDelay: SPIN_DELAY_MS,
      // What was repeated after a connection was lost could happen twice.
      retries: 0,
    });
    this.#client = client;
    this.#unanswered = { count: 0 };
    client.on('expired', () => {
      if (!this.#isOver && this.#client === client) void this.#connect();
    });
    client.connect();
  }

  /** Resolves when the server has answered, or will not. */
  async #closeClient(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_MS_MAX);
      client?.once('disconnected', () => {
        clearTimeout(timer);
        resolve();
      });
      client?.close();
    });
    this.#relay?.close();
  }

  #writeOne(change: Change, done: (error: Error | null) => void): void {
    const client = this.#client!;
    const { action, path, value, expectedVersion, kind } = change;
    const { PERSISTENT, PERSISTENT_SEQUENTIAL, EPHEMERAL } = zookeeper.CreateMode;
    const modes = {
      persistent: PERSISTENT,
      sequential: PERSISTENT_SEQUENTIAL,
      ephemeral: EPHEMERAL,
    };
    switch (action) {
      case 'create':
        return client.create(path, Buffer.from(value), modes[kind], done);
      case 'set':
        return client.setData(path, Buffer.from(value), expectedVersion, done);
      case 'delete':
        return client.remove(path, expectedVersion, done);
      default:
        action satisfies never;
    }
  }

  /** A callback for one request; errors are the recorder's business. */
  #answer<T extends readonly unknown[]>(
    onDone: (...result: T) => void = () => undefined,
  ): (error: Error | null, ...result: T) => void {
    const unanswered = this.#unanswered;
    unanswered.count += 1;
    return (error, ...result) => {
      unanswered.count -= 1;
      if (error === null || error === undefined) onDone(...result);
    };
  }
}
