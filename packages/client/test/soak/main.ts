// `npm run soak:recipes`: faults for as long as one wants, and then a verdict.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../../src/client.ts';
import { Ensemble } from '../servers/ensemble.ts';
import { LocalJudge } from '../../src/testing/judge.ts';
import { findLeftovers, judgeTheEnd } from '../../src/testing/leftovers.ts';
import type { WorkerReport } from './messages.ts';
import { Nemesis, STRIKES } from './nemesis.ts';
import { parseOptions, USAGE, type SoakOptions } from './options.ts';
import { seededRandom } from './random.ts';
import { WorkerProcess } from './worker-process.ts';

const SERVERS = 3;
const SESSION_TIMEOUT_MS = 4_000;
const PAUSE_MS = 250;
/** Between two times when everything is healed and looked at. */
const EPOCH_MS = 60_000;
/** Once all is healed, a line moves on within this; on a slow machine it may take long until all had a turn. */
const RECOVERY_MS_MAX = 150_000;
const SETTLE = { ask: 'settle', withinMs: RECOVERY_MS_MAX } as const;
/** What a heap may have grown by from the first look to the last. */
const HEAP_GROWTH_BYTES_MAX = 12 * 1024 * 1024;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Progress = ReadonlyMap<string, number>;

/** One soak: servers, workers, a judge and a nemesis. */
class Soak {
  readonly #options: SoakOptions;
  readonly #judge = new LocalJudge();
  readonly #ensemble: Ensemble;
  readonly #workers: readonly WorkerProcess[];
  readonly #nemesis: Nemesis;
  readonly #reports: WorkerReport[][] = [];
  readonly #wrong: string[] = [];

  constructor(options: SoakOptions, ensemble: Ensemble) {
    const { clients, workers, seed } = options;
    this.#options = options;
    this.#ensemble = ensemble;
    this.#workers = Array.from({ length: workers }, () => new WorkerProcess(this.#judge));
    const tell = (ask: 'cut' | 'heal') => (client: number) => {
      const index = Math.floor(client / workers);
      void this.#workers[client % workers]!.ask({ ask, index });
    };
    this.#nemesis = new Nemesis({
      strikes: STRIKES,
      ensemble,
      clients,
      cut: tell('cut'),
      heal: tell('heal'),
      random: seededRandom(seed),
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      workers: this.#workers.map((worker) => ({
        freeze: () => worker.signal('SIGSTOP'),
        thaw: () => worker.signal('SIGCONT'),
      })),
    });
  }

  /** Returns what was wrong. */
  async run(): Promise<readonly string[]> {
    await this.#play();
    const endMs = performance.now() + this.#options.minutes * 60_000;
    do {
      await this.#nemesis.strikeUntil(Math.min(performance.now() + EPOCH_MS, endMs));
      await this.#lookAtAll();
    } while (performance.now() < endMs && this.#wrong.length === 0);
    await this.#end();
    return this.#wrong;
  }

  kill(): void {
    for (const worker of this.#workers) worker.kill();
  }

  async #play(): Promise<void> {
    const { clients, workers, seed } = this.#options;
    const all = Array.from({ length: clients }, (_, i) => i);
    const common = { clients, seed, sessionTimeoutMs: SESSION_TIMEOUT_MS, pauseMs: PAUSE_MS };
    const starts = this.#workers.map((worker, at) => {
      const indexes = all.filter((index) => index % workers === at);
      const options = { ...common, indexes, servers: this.#ensemble.connectString };
      return worker.ask({ ask: 'play', options });
    });
    await Promise.all(starts);
    await this.#lookAtAll();
  }

  /** All is healed: everybody goes on, copies are right, and nothing has piled up. */
  async #lookAtAll(): Promise<void> {
    const startedMs = performance.now();
    const stuck = await this.#waitForProgress();
    this.#wrong.push(...stuck);
    if (stuck.length === 0)
      this.#wrong.push(...(await this.#askAll<readonly string[]>(SETTLE)).flat());
    const recoveryMs = Math.round(performance.now() - startedMs);
    this.#wrong.push(...(await this.#askAll<readonly string[]>({ ask: 'problems' })).flat());
    this.#wrong.push(...this.#judge.referee.violations.splice(0));
    const reports = await this.#askAll<WorkerReport>({ ask: 'report' });
    this.#reports.push(reports);
    const megabytes = reports.map(({ heapBytes }) => (heapBytes / 2 ** 20).toFixed(1)).join(' ');
    const sessions = reports.reduce((sum, report) => sum + report.sessions, 0);
    const strikes = [...this.#nemesis.strikes.values()].reduce((sum, count) => sum + count, 0);
    say(
      `${strikes} strikes; all well after ${recoveryMs} ms; ${sessions} sessions so far; ` +
        `${this.#judge.referee.refused} refused by token; heaps ${megabytes} MiB`,
    );
  }

  async #waitForProgress(): Promise<readonly string[]> {
    const before = await this.#progress();
    let untilMs = performance.now() + RECOVERY_MS_MAX;
    let last = '';
    for (;;) {
      const now = await this.#progress();
      const stuck = [...now].filter(([role, count]) => count <= (before.get(role) ?? 0));
      if (stuck.length === 0) return [];
      // Those before them in the same lines go on: they only wait for their turn.
      const lines = new Set(stuck.map(([role]) => role.replace(/^client \d+: /, '')));
      const moving = [...now].filter(([role]) => lines.has(role.replace(/^client \d+: /, '')));
      const seen = JSON.stringify(moving);
      if (seen !== last) untilMs = performance.now() + RECOVERY_MS_MAX;
      last = seen;
      if (performance.now() > untilMs) {
        return stuck.map(([role, count]) => `${role} is stuck after ${count} steps`);
      }
      await sleep(100);
    }
  }

  async #progress(): Promise<Progress> {
    const { workers } = this.#options;
    const all = await this.#askAll<readonly (readonly [string, number])[][]>({ ask: 'progress' });
    const progress = new Map<string, number>();
    for (const [at, players] of all.entries()) {
      for (const [index, roles] of players.entries()) {
        const client = index * workers + at;
        for (const [role, count] of roles) progress.set(`client ${client}: ${role}`, count);
      }
    }
    return progress;
  }

  #askAll<Answer>(question: Parameters<WorkerProcess['ask']>[0]): Promise<Answer[]> {
    return Promise.all(this.#workers.map((worker) => worker.ask<Answer>(question)));
  }

  /** Roles end first, then what they leave is looked at, then the clients are closed. */
  async #end(): Promise<void> {
    await this.#askAll({ ask: 'rest' });
    this.#wrong.push(...(await this.#askAll<readonly string[]>({ ask: 'problems' })).flat());
    const client = await Client.connect(this.#ensemble.connectString);
    try {
      this.#wrong.push(...(await judgeTheEnd(client, this.#judge)));
      this.#wrong.push(...(await this.#untilNone(() => findLeftovers(client))));
    } finally {
      await client.close();
    }
    const reports = await this.#askAll<WorkerReport>({ ask: 'report' });
    this.#reports.push(reports);
    this.#wrong.push(...this.#judgeLeaks(reports));
    const ended = await Promise.all(this.#workers.map((worker) => worker.close()));
    if (ended.includes(false)) this.#wrong.push('a worker that closed its clients did not end');
  }

  async #untilNone(find: () => Promise<readonly string[]>): Promise<readonly string[]> {
    const untilMs = performance.now() + 10_000;
    for (;;) {
      const found = await find();
      if (found.length === 0 || performance.now() > untilMs) return found;
      await sleep(100);
    }
  }

  /** When all roles have ended, what is left is a connection for each client and its timers. */
  #judgeLeaks(reports: readonly WorkerReport[]): readonly string[] {
    const clientsEach = Math.ceil(this.#options.clients / this.#options.workers);
    const wrong: string[] = [];
    for (const [at, { watches, pendingRequests, listeners, resources }] of reports.entries()) {
      const kept = { watches, pendingRequests, listeners };
      for (const [what, count] of Object.entries(kept)) {
        if (count > 0) wrong.push(`worker ${at}: ${count} ${what} are left`);
      }
      const sockets = resources['TCPSocketWrap'] ?? 0;
      if (sockets > clientsEach) wrong.push(`worker ${at}: ${sockets} sockets are left`);
      // Each client keeps its connection alive, and watches over the deadlines of requests.
      const timers = resources['Timeout'] ?? 0;
      if (timers > 2 * clientsEach + 1) wrong.push(`worker ${at}: ${timers} timers are left`);
      const first = this.#reports[0]![at]!.heapBytes;
      const grownBytes = reports[at]!.heapBytes - first;
      if (grownBytes > HEAP_GROWTH_BYTES_MAX) wrong.push(`worker ${at}: grew by ${grownBytes} B`);
    }
    return wrong;
  }

  summary(): string {
    const steps = new Map<string, number>();
    const { accepted, refused } = this.#judge.referee;
    for (const [resource, count] of accepted) steps.set(resource, count);
    const held = [...steps].map(([resource, count]) => `${resource} ${count}`).join(', ');
    const strikes = [...this.#nemesis.strikes].map(([kind, count]) => `${count} x ${kind}`);
    const heaps = this.#reports.map((reports) =>
      (reports.reduce((sum, { heapBytes }) => sum + heapBytes, 0) / 2 ** 20).toFixed(1),
    );
    return [
      `strikes: ${strikes.join(', ')}`,
      `held: ${held}; ${refused} claims refused by token`,
      `counted: ${this.#judge.ledger.summary}`,
      `heaps of all workers together: ${heaps.join(' ')} MiB`,
      `left at the end: ${JSON.stringify(this.#reports.at(-1)?.map((r) => r.resources))}`,
    ].join('\n');
  }
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    say(USAGE);
    return 0;
  }
  const { minutes, clients, workers, seed, system } = options;
  say(
    `${system.name}, ${SERVERS} servers; ${clients} clients in ${workers} processes; ${minutes} min`,
  );
  say(`again: npm run soak:recipes -- --seed ${seed} --minutes ${minutes} --clients ${clients}`);
  const ensemble = await Ensemble.start(system, SERVERS);
  const soak = new Soak(options, ensemble);
  try {
    const wrong = await soak.run();
    say(soak.summary());
    for (const what of wrong.slice(0, 50)) say(`WRONG ${what}`);
    say(wrong.length === 0 ? 'nothing was wrong' : `${wrong.length} things were wrong`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    soak.kill();
    await ensemble.stop();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
