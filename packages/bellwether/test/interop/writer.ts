import { setTimeout as sleep } from 'node:timers/promises';
import { ErrorCode } from '@bellwether/protocol';
import { ConnectionLost, RawClient, ServerError } from './raw-client.ts';
import type { TestNode } from './test-node.ts';

/** Operations that a writer keeps in flight. */
const LANES = 4;
const RECONNECT_INTERVAL_MS = 20;

/** Answers that leave open whether the write happened. */
const INDETERMINATE_CODES: readonly number[] = [
  ErrorCode.connectionLoss,
  ErrorCode.operationTimeout,
  ErrorCode.requestTimeout,
];

/** What a writer knows of one znode that it sets again and again, one set after the other. */
interface Register {
  readonly path: string;
  attempts: number;
  acknowledged: number;
  lastAcknowledged: string;
  /** Values whose outcome is unknown: any of them may be the newest. */
  readonly indeterminate: Set<string>;
}

interface AckWaiter {
  readonly sentAfterMs: number;
  readonly resolve: (acknowledgedAtMs: number) => void;
}

/**
 * Writes to one node without a pause, each value once, and remembers what was acknowledged. Each of
 * its lanes creates a znode and sets its register by turns. When the connection is lost, what was
 * in flight is indeterminate, is never repeated, and the writer connects to the same node again.
 */
export class Writer {
  readonly node: TestNode;
  readonly #root: string;
  /** Paths of creates that were acknowledged; the data is the path itself. */
  readonly #created: string[] = [];
  readonly #registers: readonly Register[];
  readonly #waiters = new Set<AckWaiter>();
  /** Answers that no write may ever get. */
  readonly #failures: Error[] = [];
  #connecting: Promise<RawClient> | undefined;
  #stopped = false;
  #sequence = 0;
  #indeterminate = 0;
  #running: Promise<unknown> = Promise.resolve();

  /** @param root its own znode, not there yet */
  constructor(node: TestNode, root: string) {
    this.node = node;
    this.#root = root;
    this.#registers = Array.from({ length: LANES }, (_, lane) => ({
      path: `${root}/register-${lane}`,
      attempts: 0,
      acknowledged: 0,
      lastAcknowledged: '',
      indeterminate: new Set<string>(),
    }));
  }

  /** Resolves when the writer has its znodes; it writes from then on. */
  async start(): Promise<void> {
    const client = await this.#connection();
    await client.create(this.#root, '');
    await Promise.all(this.#registers.map(({ path }) => client.create(path, '')));
    this.#running = Promise.all(this.#registers.map((register) => this.#runLane(register)));
  }

  /** Writes no more; resolves when nothing is in flight. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    const client = await this.#connecting?.catch(() => undefined);
    await client?.close();
  }

  /**
   * Resolves with the time of the first acknowledgement of a write sent at or after
   * `sentAfterMs`.
   */
  nextAcknowledgement(sentAfterMs: number): Promise<number> {
    return new Promise((resolve) => this.#waiters.add({ sentAfterMs, resolve }));
  }

  get acknowledged(): number {
    return this.#registers.reduce(
      (sum, register) => sum + register.acknowledged,
      this.#created.length,
    );
  }

  get indeterminate(): number {
    return this.#indeterminate;
  }

  /** What is wrong with the tree as `client` sees it, in words; empty when nothing is. */
  async verify(client: RawClient): Promise<readonly string[]> {
    const wrongCreates = await Promise.all(this.#created.map((path) => verifyCreate(client, path)));
    const wrongSets = await Promise.all(
      this.#registers.map((register) => verifyRegister(client, register)),
    );
    const failures = this.#failures.map((error) => `a write was refused: ${error.message}`);
    return [...failures, ...[...wrongCreates, ...wrongSets].filter((text) => text !== undefined)];
  }

  async #runLane(register: Register): Promise<void> {
    while (!this.#stopped) {
      await this.#attempt(async (client) => {
        const path = `${this.#root}/n${this.#nextNumber()}`;
        await client.create(path, path);
        this.#created.push(path);
      });
      await this.#attempt((client) => this.#set(client, register));
    }
  }

  async #set(client: RawClient, register: Register): Promise<void> {
    const value = String(this.#nextNumber());
    register.attempts += 1;
    register.indeterminate.add(value);
    await client.setData(register.path, value);
    register.indeterminate.delete(value);
    register.acknowledged += 1;
    register.lastAcknowledged = value;
  }

  async #attempt(write: (client: RawClient) => Promise<void>): Promise<void> {
    const connection = this.#connection();
    const client = await connection.catch(() => undefined);
    if (client === undefined) return;
    const sentAtMs = performance.now();
    try {
      await write(client);
      this.#onAcknowledged(sentAtMs);
    } catch (error) {
      this.#onFailed(error as Error, connection);
    }
  }

  #onAcknowledged(sentAtMs: number): void {
    const nowMs = performance.now();
    for (const waiter of this.#waiters) {
      if (sentAtMs < waiter.sentAfterMs) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(nowMs);
    }
  }

  #onFailed(error: Error, connection: Promise<RawClient>): void {
    if (error instanceof ConnectionLost) {
      // Another lane may have a new one already.
      if (this.#connecting === connection) this.#connecting = undefined;
      this.#indeterminate += 1;
    } else if (error instanceof ServerError && INDETERMINATE_CODES.includes(error.code)) {
      this.#indeterminate += 1;
    } else {
      this.#failures.push(error);
    }
  }

  /** The connection, made anew when the last one was lost; the lanes share it. */
  #connection(): Promise<RawClient> {
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  async #connect(): Promise<RawClient> {
    for (;;) {
      try {
        return await RawClient.connect(this.node.clientPort);
      } catch (error) {
        if (this.#stopped) throw error;
        await sleep(RECONNECT_INTERVAL_MS);
      }
    }
  }

  #nextNumber(): number {
    this.#sequence += 1;
    return this.#sequence;
  }
}

async function verifyCreate(client: RawClient, path: string): Promise<string | undefined> {
  try {
    const { data } = await client.getData(path);
    return data === path ? undefined : `${path} holds "${data}"`;
  } catch (error) {
    return `acknowledged, but ${(error as Error).message}`;
  }
}

async function verifyRegister(client: RawClient, register: Register): Promise<string | undefined> {
  const { path, lastAcknowledged, indeterminate, acknowledged, attempts } = register;
  const { data, stat } = await client.getData(path);
  if (data !== lastAcknowledged && !indeterminate.has(data)) {
    return `${path} holds "${data}", acknowledged was "${lastAcknowledged}"`;
  }
  if (stat.version >= acknowledged && stat.version <= attempts) return undefined;
  return `${path} has version ${stat.version} after ${acknowledged}..${attempts} sets`;
}
