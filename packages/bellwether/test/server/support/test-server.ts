import { randomBytes } from 'node:crypto';
import { TIMING_DEFAULT } from '../../../src/config/defaults.ts';
import { createLogger, type LogSink } from '../../../src/logger.ts';
import { DIGEST_DEFAULT } from '../../../src/server/digest-scheme.ts';
import { FOUR_LETTER_WORDS } from '../../../src/server/four-letter-words.ts';
import type { ServerSettings } from '../../../src/server/server-settings.ts';
import { ZookeeperServer } from '../../../src/server/zookeeper-server.ts';
import { LoopbackConsensus } from './loopback-consensus.ts';
import { TestClient } from './test-client.ts';

const SETTINGS: ServerSettings = {
  clientAddress: '127.0.0.1',
  clientPort: 0,
  sessionTimeoutMsMin: 4_000,
  sessionTimeoutMsMax: 40_000,
  connectionsPerAddressMax: 0,
  connectionsMax: 0,
  fourLetterWords: FOUR_LETTER_WORDS,
  frameBytesMax: 0xf_ffff,
  outstandingMax: 10_000,
  watchesPerSessionMax: 0,
  quotas: 'reported',
  containerCheckMs: 60_000,
  containerNeverUsedMsMax: 0,
  readOnly: 'refused',
  reconfig: 'allowed',
  digest: DIGEST_DEFAULT,
  saslUsers: new Map(),
  node: {
    nodeId: 1,
    dataDir: '/nonexistent',
    members: [],
    timing: { ...TIMING_DEFAULT, electionTicksMin: 40 },
  },
};

/** When the tests' clock is at 0: 14 November 2023, 22:13:20 UTC. */
const WALL_MS = 1_700_000_000_000;

/** A server over a consensus of one, with a clock that tests move by hand. */
export class TestServer {
  readonly lines: string[] = [];
  readonly fatal: Error[] = [];
  readonly server: ZookeeperServer;
  readonly consensus: LoopbackConsensus;
  /** Set by `start`. */
  port = 0;
  nowMs = 1_000;
  readonly #clients: TestClient[] = [];
  #tick: () => void = () => undefined;

  private constructor(settings: Partial<ServerSettings>) {
    const sink: LogSink = { write: (line) => this.lines.push(line), nowMs: () => 0 };
    this.server = new ZookeeperServer({
      settings: { ...SETTINGS, ...settings },
      log: createLogger({ level: 'debug', format: 'text' }, 'server', sink),
      nowMs: () => this.nowMs,
      wallMs: () => WALL_MS + this.nowMs,
      randomBytes,
      every: (_intervalMs, action) => {
        this.#tick = action;
        return () => undefined;
      },
      onFatal: (error) => this.fatal.push(error),
    });
    this.consensus = new LoopbackConsensus(this.server);
    this.server.attach(this.consensus);
  }

  /** Leading, and listening on a free port. */
  static start(settings: Partial<ServerSettings> = {}): Promise<TestServer> {
    const server = new TestServer(settings);
    server.consensus.lead();
    return server.#listening();
  }

  /** The same of one that has never known a leader. */
  static startLeaderless(settings: Partial<ServerSettings> = {}): Promise<TestServer> {
    const server = new TestServer(settings);
    server.consensus.hold();
    return server.#listening();
  }

  async #listening(): Promise<this> {
    this.port = (await this.server.listen()).port;
    return this;
  }

  /** A client with a session of its own. */
  async client(request: Parameters<TestClient['connect']>[0] = {}): Promise<TestClient> {
    const client = this.stranger();
    await client.connect(request);
    return client;
  }

  /** A client that has not introduced itself yet. */
  stranger(): TestClient {
    const client = new TestClient(this.port);
    this.#clients.push(client);
    return client;
  }

  /** Time passes, in the steps in which the server looks at it. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 100) {
      this.nowMs += 100;
      this.#tick();
    }
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.socket.destroy();
    await this.server.close();
    await this.consensus.stop();
  }
}
