import { setTimeout as sleep } from 'node:timers/promises';
import type { Ensemble, TestServer } from '../servers/ensemble.ts';

/** What may strike; what stands there more often strikes more often. */
export const STRIKES = [
  'leader killed',
  'server killed',
  'server frozen',
  'leader frozen',
  'worker frozen',
  'worker frozen',
  'client cut off',
  'client cut off',
  'client cut off',
  'all servers killed',
] as const;
export type Strike = (typeof STRIKES)[number];

/** A process with clients that can be frozen, and the clients in it that can be cut off. */
export interface Victim {
  freeze(): void;
  thaw(): void;
}

/** What strikes. */
export interface NemesisOptions {
  readonly strikes: readonly Strike[];
  readonly ensemble: Ensemble;
  readonly workers: readonly Victim[];
  readonly clients: number;
  readonly cut: (client: number) => void;
  readonly heal: (client: number) => void;
  readonly sessionTimeoutMs: number;
  readonly random: () => number;
}

/** Kills, freezes and cuts, one thing at a time, so that each is healed before the next. */
export class Nemesis {
  readonly strikes = new Map<Strike, number>();
  readonly #options: NemesisOptions;

  constructor(options: NemesisOptions) {
    this.#options = options;
  }

  /** Resolves when the time is over and everything is healed. */
  async strikeUntil(untilMs: number): Promise<void> {
    while (performance.now() < untilMs) {
      const kind = this.#pick(this.#options.strikes);
      this.strikes.set(kind, (this.strikes.get(kind) ?? 0) + 1);
      await this.#strike(kind);
      await this.#sleepUpTo(1_500);
    }
  }

  #strike(kind: Strike): Promise<void> {
    switch (kind) {
      case 'leader killed':
        return this.#killLeader();
      case 'server killed':
        return this.#kill([this.#pick(this.#options.ensemble.servers)]);
      case 'all servers killed':
        return this.#kill(this.#options.ensemble.servers);
      case 'server frozen':
        return this.#freezeServer(this.#pick(this.#options.ensemble.servers));
      case 'leader frozen':
        return this.#freezeLeader();
      case 'worker frozen':
        return this.#freezeWorker();
      case 'client cut off':
        return this.#cutClients();
      default:
        return kind satisfies never;
    }
  }

  async #killLeader(): Promise<void> {
    await this.#kill([await this.#options.ensemble.leader()]);
  }

  async #freezeLeader(): Promise<void> {
    await this.#freezeServer(await this.#options.ensemble.leader());
  }

  async #kill(servers: readonly TestServer[]): Promise<void> {
    await Promise.all(servers.map((server) => server.kill()));
    await this.#sleepUpTo(1_500);
    for (const server of servers) server.start();
    await Promise.all(servers.map((server) => server.waitUntilServing()));
  }

  async #freezeServer(server: TestServer): Promise<void> {
    server.signal('SIGSTOP');
    await this.#sleepUpTo(this.#options.sessionTimeoutMs);
    server.signal('SIGCONT');
  }

  /** Often for longer than its sessions live: it wakes up, and may not believe that it holds anything. */
  async #freezeWorker(): Promise<void> {
    const worker = this.#pick(this.#options.workers);
    worker.freeze();
    await this.#sleepUpTo(2 * this.#options.sessionTimeoutMs);
    worker.thaw();
  }

  /** One or several at once, often for longer than their sessions live. */
  async #cutClients(): Promise<void> {
    const { clients, random, cut, heal, sessionTimeoutMs } = this.#options;
    const share = this.#pick([0.05, 0.2, 0.5]);
    const victims = Array.from({ length: clients }, (_, i) => i).filter(() => random() < share);
    for (const victim of victims) cut(victim);
    await this.#sleepUpTo(2 * sessionTimeoutMs);
    for (const victim of victims) heal(victim);
  }

  #sleepUpTo(milliseconds: number): Promise<void> {
    return sleep(this.#options.random() * milliseconds);
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#options.random() * items.length)]!;
  }
}
