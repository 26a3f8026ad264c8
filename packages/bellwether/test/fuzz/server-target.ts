import { digestId } from '../../src/server/digest-scheme.ts';
import { TestServer } from '../server/support/test-server.ts';
import { Bystander } from './bystander.ts';
import { expectationOf } from './expectation.ts';
import { FuzzClient } from './fuzz-client.ts';
import { count, type Counts } from './fuzz-failure.ts';
import type { Random } from './random.ts';
import { scriptOf, SUPER_USER, type LeftSession, type Script } from './script.ts';

const CONNECTIONS_AT_ONCE = 12;
const ROUND_MS = 500;
/** Longer than any session lives without its client. */
const LONGEST_SESSION_MS = 41_000;
const LEFT_SESSIONS_MAX = 50;

/** Servers that stop reading and refuse much sooner than others. */
const SETTINGS = [
  {},
  { outstandingMax: 5 },
  { watchesPerSessionMax: 3, quotas: 'enforced' },
  { saslUsers: new Map([['ann', 'secret']]) },
  { digest: { algorithm: 'SHA1', superUser: digestId(SUPER_USER, 'SHA1') } },
] as const;

/** Half of the servers have members, which a super user may change. */
const FOUNDERS = [
  { id: 1, host: '10.0.0.1', port: 2888, role: 'voter', priority: 1, note: '3888;0.0.0.0:2181' },
] as const;

/** A server over real sockets, its clients, and one that behaves. */
export class ServerFuzz {
  readonly #random: Random;
  readonly #counts: Counts;
  readonly #left: LeftSession[] = [];
  #connections = 0;
  #playing: readonly Script[] = [];

  constructor(random: Random, counts: Counts) {
    this.#random = random;
    this.#counts = counts;
  }

  /** What was being sent when something went wrong that no single connection is to blame for. */
  get playing(): readonly Script[] {
    return this.#playing;
  }

  /**
   * Resolves when `frames` or a few more were sent.
   *
   * @throws Error, FuzzFailure
   */
  async run(frames: number): Promise<void> {
    const server = await TestServer.start(this.#random.pick(SETTINGS));
    if (this.#random.oneIn(2)) server.consensus.found(FOUNDERS);
    try {
      const bystander = await Bystander.join(server);
      for (let sent = 0; sent < frames;) sent += await this.#round(server, bystander);
      await this.#checkLeftovers(server, bystander);
    } finally {
      await server.stop();
    }
  }

  /** Returns how many frames were sent. */
  async #round(server: TestServer, bystander: Bystander): Promise<number> {
    const random = this.#random;
    const scripts = Array.from({ length: CONNECTIONS_AT_ONCE }, () => {
      const left = random.oneIn(4) ? this.#left.shift() : undefined;
      return scriptOf(random, left);
    });
    this.#playing = scripts;
    // Now and then nothing is decided for a while, as without a leader.
    const isHeld = random.oneIn(8);
    if (isHeld) server.consensus.hold();
    const playing = scripts.map((script) => this.#client(server, script).play());
    if (isHeld) await nextTurns(random.below(10), () => server.consensus.release());
    const [, ...left] = await Promise.all([bystander.lives(), ...playing]);
    for (const session of left) if (session !== undefined) this.#left.push(session);
    this.#left.splice(0, this.#left.length - LEFT_SESSIONS_MAX);
    this.#tidy(server);
    return scripts.reduce((sum, { bytes }) => sum + Math.max(1, expectationOf(bytes).frames), 0);
  }

  /** Each from an address of its own, since ports are few and closed ones rest for a while. */
  #client(server: TestServer, script: Script): FuzzClient {
    const number = this.#connections++;
    const address = `127.0.${1 + (number % 200)}.${1 + (Math.floor(number / 200) % 200)}`;
    count(this.#counts, 'connections');
    return new FuzzClient(server.port, address, script, this.#counts);
  }

  #tidy(server: TestServer): void {
    if (server.fatal.length > 0) throw server.fatal[0]!;
    server.consensus.proposed.length = 0;
    server.consensus.toLeader.length = 0;
    server.lines.length = 0;
    server.pass(ROUND_MS);
  }

  /** When all have left and their sessions have expired, the server is as if they had never come. */
  async #checkLeftovers(server: TestServer, bystander: Bystander): Promise<void> {
    for (let passedMs = 0; passedMs < LONGEST_SESSION_MS; passedMs += ROUND_MS) {
      server.pass(ROUND_MS);
      await bystander.lives();
    }
    const { coordinator, connectionCount, inspection } = server.server;
    const { outstandingRequests: outstanding } = inspection.report();
    const found = {
      sessions: coordinator.sessions.size,
      connections: connectionCount,
      watches: coordinator.watches.watchCount,
      outstanding,
    };
    const isClean =
      found.sessions === 1 && found.connections === 1 && found.watches === 0 && outstanding === 0;
    if (!isClean) throw new Error(`left behind: ${JSON.stringify(found)}`);
  }
}

async function nextTurns(turns: number, then: () => void): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
  then();
}
