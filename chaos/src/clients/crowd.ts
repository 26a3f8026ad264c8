import { setTimeout as sleep } from 'node:timers/promises';
import { Client, isClientError } from '@bellwether/client';
import type { RandomSource } from '@bellwether/simulator';
import { ClientRecorder } from '../wire/client-recorder.ts';
import type { History } from '../wire/history.ts';
import type { RelayTarget } from '../wire/relay.ts';
import { RecordedRuntime } from '../wire/recorded-runtime.ts';
import {
  ACT_INTERVAL_MS,
  FOREIGN_CLIENTS,
  OWN_CLIENTS,
  REPLACE_MS,
  SESSION_MS_MAX,
  SESSION_MS_MIN,
} from '../limits.ts';
import { ChaosClient } from './chaos-client.ts';
import { ForeignAsker } from './foreign-asker.ts';
import { OwnAsker } from './own-asker.ts';
import type { Paths } from './paths.ts';

const FOUNDER = 1;
const FOUNDING_MS_MAX = 20_000;
const RETRY_MS = 50;

export interface CrowdOptions {
  readonly targets: readonly RelayTarget[];
  readonly paths: Paths;
  readonly history: History;
  readonly random: RandomSource;
}

/** All clients of one round: some vanish, others come, each with whatever library is its turn. */
export class Crowd {
  readonly #options: CrowdOptions;
  readonly #random: RandomSource;
  readonly #servers: string;
  #clients: ChaosClient[] = [];
  readonly #gone: ChaosClient[] = [];
  #newest = FOUNDER;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#random = options.random;
    this.#servers = options.targets.map(({ host, port }) => `${host}:${port}`).join(',');
  }

  /** Makes the znodes that all share, then begins. */
  async start(): Promise<void> {
    await this.#found();
    for (let i = 0; i < OWN_CLIENTS; i++) this.#add('own');
    for (let i = 0; i < FOREIGN_CLIENTS; i++) this.#add('foreign');
    this.#replaceSoon();
  }

  /** No programs come or go any more. */
  settle(): void {
    clearTimeout(this.#timer);
  }

  /** See ChaosClient.finish. Empty when all have what they waited for. */
  finish(): readonly string[] {
    return this.#clients.map((client) => client.finish()).filter((text) => text !== undefined);
  }

  /** What the libraries said that they must not, or that the servers did not say. */
  problems(): readonly string[] {
    const acknowledged = new Set<string>();
    for (const record of this.#options.history.records) {
      if (record.type !== 'write' || record.outcome !== 'done' || record.error !== 0) continue;
      for (const { value } of record.changes) acknowledged.add(value);
    }
    return [...this.#clients, ...this.#gone].flatMap(({ id, asker }) => {
      const unfounded = [...asker.acknowledged].filter(
        (value) => value !== '' && !acknowledged.has(value),
      );
      const who = `client ${id} (${asker.kind})`;
      return [
        ...asker.problems.map((problem) => `${who}: ${problem}`),
        ...unfounded.map((value) => `${who} says that ${value} was written, no server does`),
      ];
    });
  }

  /** Ends all sessions that are not over. */
  async end(): Promise<void> {
    this.settle();
    await Promise.all(this.#clients.map(({ asker }) => asker.end()));
  }

  /** At once, and whatever becomes of the sessions. */
  drop(): void {
    this.settle();
    for (const client of this.#clients) client.abandon();
  }

  async #found(): Promise<void> {
    const { paths, history, random } = this.#options;
    const recorder = new ClientRecorder(history, FOUNDER);
    const runtime = new RecordedRuntime(recorder, () => random.next());
    const client = new Client(this.#servers, { runtime });
    const untilMs = performance.now() + FOUNDING_MS_MAX;
    for (const path of [...paths.registers, paths.queue, paths.ephemerals]) {
      // Each attempt writes another value, since one whose answer was lost may have happened.
      for (let attempt = 1; ; attempt += 1) {
        try {
          await client.create(path, `${path} ${attempt}`);
          break;
        } catch (error) {
          if (isClientError(error, 'nodeExists')) break;
          if (performance.now() > untilMs) throw error;
          await sleep(RETRY_MS);
        }
      }
    }
    await client.close();
    recorder.end();
  }

  #add(kind: 'own' | 'foreign'): void {
    const { targets, paths, history } = this.#options;
    const id = ++this.#newest;
    const random = this.#random.fork(`client ${id}`);
    const recorder = new ClientRecorder(history, id);
    const sessionTimeoutMs = random.between(SESSION_MS_MIN, SESSION_MS_MAX);
    const dice = random.fork('library');
    const asker =
      kind === 'foreign'
        ? new ForeignAsker(recorder, { targets: dice.shuffled(targets), sessionTimeoutMs })
        : new OwnAsker(recorder, {
            servers: this.#servers,
            sessionTimeoutMs,
            random: () => dice.next(),
          });
    const client = new ChaosClient(id, asker, { paths, random, intervalMs: ACT_INTERVAL_MS });
    this.#clients.push(client);
    client.start();
  }

  #replaceSoon(): void {
    this.#timer = setTimeout(() => {
      const leaving = this.#random.pick(this.#clients);
      this.#clients = this.#clients.filter((client) => client !== leaving);
      this.#gone.push(leaving);
      leaving.abandon();
      this.#add(leaving.asker.canWatch ? 'own' : 'foreign');
      this.#replaceSoon();
    }, this.#random.exponential(REPLACE_MS));
  }
}
