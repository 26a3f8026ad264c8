import { Client, isClientError, type Stat } from '@bellwether/client';
import type { Change } from '@bellwether/simulator/oracle';
import type { ClientRecorder } from '../wire/client-recorder.ts';
import { RecordedRuntime } from '../wire/recorded-runtime.ts';
import type { Asker } from './asker.ts';

/** Errors that say that somebody does not keep to the protocol, or that nobody knows. */
const NEVER = ['protocolViolation', 'unknown', 'tooMany', 'badArguments'] as const;

export interface OwnAskerOptions {
  /** host:port,host:port,... */
  readonly servers: string;
  readonly sessionTimeoutMs: number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Our own client. */
export class OwnAsker implements Asker {
  readonly kind = '@bellwether/client';
  readonly canWatch = true;
  readonly acknowledged = new Set<string>();
  readonly problems: string[] = [];
  readonly #recorder: ClientRecorder;
  readonly #options: OwnAskerOptions;
  #runtime: RecordedRuntime;
  #client: Client;

  constructor(recorder: ClientRecorder, options: OwnAskerOptions) {
    this.#recorder = recorder;
    this.#options = options;
    this.#runtime = new RecordedRuntime(recorder, options.random);
    this.#client = this.#makeClient();
  }

  get isOpen(): boolean {
    return this.#client.state === 'connected';
  }

  get pending(): number {
    return this.#client.pendingRequests;
  }

  write(changes: readonly Change[]): void {
    const [first] = changes;
    if (first === undefined) return;
    const done = changes.length === 1 ? this.#writeOne(first) : this.#writeAll(changes);
    this.#expect(done, () => this.acknowledged.add(first.value));
  }

  read(path: string, watch: 'watch' | 'none', onRead: (version: number) => void): void {
    const answer = this.#client.getData(path, watchOptions(watch));
    this.#expect(answer, ({ stat }) => onRead(stat.version));
  }

  readNewest(path: string, onRead: (version: number) => void): void {
    this.#expect(this.#client.sync(path));
    this.read(path, 'none', onRead);
  }

  exists(path: string): void {
    this.#expect<Stat | null>(this.#client.exists(path, watchOptions('watch')));
  }

  list(path: string, watch: 'watch' | 'none'): void {
    this.#expect(this.#client.getChildren(path, watchOptions(watch)));
  }

  renew(): void {
    void this.#renew(this.#client);
  }

  abandon(how: 'closed' | 'silent'): void {
    this.#runtime.abandon(how);
    this.#recorder.end();
  }

  async end(): Promise<void> {
    await this.#client.close();
    this.#recorder.end();
  }

  async #renew(old: Client): Promise<void> {
    await old.close();
    // It may have been renewed or abandoned meanwhile.
    if (this.#client === old && !this.#runtime.isAbandoned) this.#client = this.#makeClient();
  }

  #makeClient(): Client {
    const { servers, sessionTimeoutMs } = this.#options;
    return new Client(servers, { sessionTimeoutMs, runtime: this.#runtime });
  }

  #writeOne({ action, path, value, expectedVersion: version, kind }: Change): Promise<unknown> {
    switch (action) {
      case 'create':
        return this.#client.create(path, value, {
          kind: kind === 'ephemeral' ? 'ephemeral' : 'persistent',
          sequential: kind === 'sequential',
        });
      case 'set':
        return this.#client.setData(path, value, { version });
      case 'delete':
        return this.#client.delete(path, { version });
      default:
        return action satisfies never;
    }
  }

  #writeAll(changes: readonly Change[]): Promise<unknown> {
    let transaction = this.#client.multi();
    for (const { action, path, value, expectedVersion: version } of changes) {
      if (action !== 'set') throw new Error('transactions of the workload set znodes');
      // Its type grows with every part; nobody looks at the results.
      transaction = transaction.setData(path, value, { version }) as unknown as typeof transaction;
    }
    return transaction.commit();
  }

  /** What the library says; what the servers said the recorder knows. */
  #expect<T>(answer: Promise<T>, onDone: (result: T) => void = () => undefined): void {
    answer.then(onDone).catch((error: unknown) => {
      if (!isClientError(error) || isClientError(error, ...NEVER))
        this.problems.push(String(error));
    });
  }
}

function watchOptions(watch: 'watch' | 'none'): { readonly onWatch?: () => void } {
  return watch === 'watch' ? { onWatch: () => undefined } : {};
}
