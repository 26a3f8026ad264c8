import { setMaxListeners } from 'node:events';
import { Client } from '../client.ts';
import { pause } from '../recipes/support/persist.ts';
import type { Runtime } from '../runtime.ts';
import type { Judge } from './judge.ts';
import { countingRoles } from './roles/counting.ts';
import { holdingRoles } from './roles/holding.ts';
import { meetingRoles } from './roles/meeting.ts';
import { presenceRoles } from './roles/presence.ts';
import { isExpected, type Role } from './roles/role.ts';

/** What a player is told. */
export interface PlayerOptions {
  readonly servers: string;
  /** Of the client, from 0, among so many. */
  readonly index: number;
  readonly clients: number;
  readonly sessionTimeoutMs: number;
  /** Between two steps of a role, on average. */
  readonly pauseMs: number;
  readonly judge: Judge;
  readonly runtime: Runtime;
  readonly random: () => number;
}

/** One client that plays every role, each again and again. */
export class Player {
  readonly client: Client;
  /** Steps that ended well, by role. */
  readonly progress = new Map<string, number>();
  /** Errors that no fault explains. */
  readonly problems: string[] = [];
  readonly #options: PlayerOptions;
  readonly #stop = new AbortController();
  readonly #roles: readonly Role[];
  #playing: Promise<unknown> = Promise.resolve();

  constructor(options: PlayerOptions) {
    const { servers, sessionTimeoutMs, index, clients, judge, random, runtime } = options;
    this.#options = options;
    setMaxListeners(0, this.#stop.signal);
    this.client = new Client(servers, { sessionTimeoutMs, requestTimeoutMs: 10_000, runtime });
    const { client } = this;
    const stage = { client, index, clients, judge, random, signal: this.#stop.signal };
    this.#roles = [
      ...holdingRoles(stage),
      ...countingRoles(stage),
      ...meetingRoles(stage),
      ...presenceRoles(stage),
    ];
  }

  play(): void {
    this.#playing = Promise.all(this.#roles.map((role) => this.#repeat(role)));
  }

  /** Now that all is healed, each role is right once before that; returns those that are not. */
  async settle(withinMs: number): Promise<readonly string[]> {
    const { runtime } = this.#options;
    const untilMs = runtime.nowMs() + withinMs;
    const looks = this.#roles.map(async ({ name, settled }) => {
      for (;;) {
        const what = await look(settled);
        if (what === undefined) return [];
        const isOver = runtime.nowMs() > untilMs;
        if (isOver) return [`client ${this.#options.index}: ${name}: ${what}`];
        await pause(this.client, undefined, 50);
      }
    });
    return (await Promise.all(looks)).flat();
  }

  /** Ends the roles; the client lives on. */
  async rest(): Promise<void> {
    this.#stop.abort();
    await this.#playing;
    for (const { name, end } of this.#roles) {
      try {
        await end?.();
      } catch (error) {
        this.problems.push(`${name} does not end: ${String(error)}`);
      }
    }
  }

  async #repeat({ name, step }: Role): Promise<void> {
    const { index, pauseMs, random } = this.#options;
    const { signal } = this.#stop;
    this.progress.set(name, 0);
    while (!signal.aborted) {
      try {
        await step();
        this.progress.set(name, (this.progress.get(name) ?? 0) + 1);
      } catch (error) {
        const isPassing = isExpected(error) || signal.aborted;
        if (!isPassing) this.problems.push(`client ${index}: ${name}: ${describe(error)}`);
      }
      await pause(this.client, signal, pauseMs * 2 * random());
    }
  }
}

async function look(settled: Role['settled']): Promise<string | undefined> {
  try {
    return await settled?.();
  } catch (error) {
    return String(error);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
