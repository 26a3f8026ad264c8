import { ErrorCode } from '@bellwether/protocol';
import { expect } from 'vitest';
import { dataOf, type Reply, type TestClient } from './test-client.ts';
import type { TestServer } from './test-server.ts';

/** What one of the actors does in a step, while the others do something else. */
export type Action =
  /** Writes and reads in one go, and waits for all replies. */
  | { readonly kind: 'work'; readonly writes: number }
  /** The same, and breaks the connection behind the last request. */
  | { readonly kind: 'breakOff'; readonly writes: number }
  /** The same, and comes back at once over a new connection, while the old one is still there. */
  | { readonly kind: 'comeBack'; readonly writes: number }
  | { readonly kind: 'close' };

const SESSION_TIMEOUT_MS = 4_000;

/**
 * A client with one session after another, who knows what it may find: it alone writes its counter,
 * which goes up by one with every write.
 */
export class SessionActor {
  readonly #server: TestServer;
  readonly #counter: string;
  #client: TestClient | undefined;
  /** Its session, connected or not; 0: none. */
  #sessionId = 0;
  #password: Uint8Array = new Uint8Array(16);
  /** The last one that was sent, and the last one that is known to have been applied. */
  #sent = 0;
  #applied = 0;
  /** Of each session that it has had, and whether that must be there now. */
  readonly #ephemerals = new Map<string, boolean>();

  constructor(server: TestServer, name: string) {
    this.#server = server;
    this.#counter = `/${name}`;
  }

  get isConnected(): boolean {
    return this.#client !== undefined;
  }

  async act(action: Action): Promise<void> {
    const client = this.#client ?? (await this.#connect());
    switch (action.kind) {
      case 'work':
        return this.#work(client, action.writes);
      case 'breakOff':
        void this.#write(client, action.writes);
        this.#client = undefined;
        return client.drop();
      case 'comeBack':
        void this.#write(client, action.writes);
        await this.#connect();
        return client.closed;
      case 'close':
        expect((await client.closeSession()).error).toBe(ErrorCode.ok);
        return this.#onSessionOver();
      default:
        action satisfies never;
    }
  }

  /** Says that it is alive, where it is connected. */
  async ping(): Promise<void> {
    await this.#client?.ping();
  }

  /** So much time has passed that its session is over, were it not connected. */
  onTimePassed(): void {
    if (!this.isConnected && this.#sessionId !== 0) this.#onSessionOver();
  }

  /** What `observer` sees must be possible after all that has happened. */
  async check(observer: TestClient): Promise<void> {
    const counter = await observer.getData(this.#counter);
    if (counter.error === ErrorCode.noNode) expect(this.#sessionId).toBe(0);
    else this.#checkCounter(counter);
    for (const [path, isThere] of this.#ephemerals) {
      const { error } = await observer.exists(path);
      expect(error, path).toBe(isThere ? ErrorCode.ok : ErrorCode.noNode);
    }
  }

  /** Every write counts once, none is left out, and none is made behind a new connection's back. */
  #checkCounter(reply: Reply): void {
    const { data, stat } = dataOf(reply);
    const value = Number(data);
    expect(stat.version).toBe(value);
    expect(value).toBeGreaterThanOrEqual(this.#applied);
    expect(value).toBeLessThanOrEqual(this.#sent);
    if (this.isConnected) expect(value).toBe(this.#applied);
    this.#applied = value;
  }

  /** To the session that it has, or to a new one. */
  async #connect(): Promise<TestClient> {
    const client = this.#server.stranger();
    const { sessionId } = await client.connect({
      sessionId: this.#sessionId,
      passwd: this.#password,
      timeoutMs: SESSION_TIMEOUT_MS,
    });
    if (this.#sessionId === 0) await this.#onNewSession(client);
    else expect(sessionId).toBe(this.#sessionId);
    this.#client = client;
    await this.#settle(client);
    return client;
  }

  async #onNewSession(client: TestClient): Promise<void> {
    this.#sessionId = client.sessionId;
    this.#password = client.password;
    const path = `${this.#counter}-${this.#sessionId}`;
    expect((await client.create(path, '', 1)).error).toBe(ErrorCode.ok);
    this.#ephemerals.set(path, true);
    await client.create(this.#counter, '0');
  }

  /** What the old connection had in flight is decided when the new one is answered. */
  async #settle(client: TestClient): Promise<void> {
    const { data, stat } = dataOf(await client.getData(this.#counter));
    const value = Number(data);
    expect(stat.version).toBe(value);
    expect(value).toBeGreaterThanOrEqual(this.#applied);
    expect(value).toBeLessThanOrEqual(this.#sent);
    this.#applied = value;
    this.#sent = value;
  }

  async #work(client: TestClient, writes: number): Promise<void> {
    const before = this.#sent;
    const replies = await Promise.all(this.#write(client, writes));
    replies.forEach(({ write, read }, i) => {
      expect(write.error).toBe(ErrorCode.ok);
      // A read finds the write before it, though the one behind it was on its way already.
      expect(dataOf(read).data).toBe(String(before + i + 1));
    });
    this.#applied = this.#sent;
  }

  #write(client: TestClient, writes: number): Promise<{ write: Reply; read: Reply }>[] {
    const pairs = Array.from({ length: writes }, () => {
      const write = client.setData(this.#counter, String(++this.#sent));
      const read = client.getData(this.#counter);
      return Promise.all([write, read]).then(([written, found]) => ({
        write: written,
        read: found,
      }));
    });
    // Whoever breaks off does not wait for them.
    for (const pair of pairs) pair.catch(() => undefined);
    return pairs;
  }

  #onSessionOver(): void {
    this.#ephemerals.set(`${this.#counter}-${this.#sessionId}`, false);
    this.#client = undefined;
    this.#sessionId = 0;
    this.#password = new Uint8Array(16);
  }
}
