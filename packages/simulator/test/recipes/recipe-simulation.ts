import { Client } from '@bellwether/client';
import { findLeftovers, judgeTheEnd, LocalJudge, Player } from '@bellwether/client/testing';
import type { Clients } from '../../src/application.ts';
import { EventLog } from '../../src/event-log.ts';
import { Invariants } from '../../src/invariants/invariants.ts';
import { Nemesis } from '../../src/nemesis/nemesis.ts';
import { NEXT_EDITION, THIS_EDITION } from '../../src/network/edition.ts';
import { Network } from '../../src/network/network.ts';
import { SimulatedNode } from '../../src/node/simulated-node.ts';
import { RandomSource } from '../../src/random.ts';
import { drawConfig, drawSettings } from '../../src/settings.ts';
import { wellnessOf } from '../../src/wellness.ts';
import { World } from '../../src/world.ts';
import { ClientNetwork } from '../../src/zookeeper/client-network.ts';
import { KeptSessions } from '../../src/zookeeper/kept-sessions.ts';
import { ZookeeperService } from '../../src/zookeeper/zookeeper-service.ts';
import { distantJudge } from './distant-judge.ts';
import { SimulatedRuntime } from './simulated-runtime.ts';

const SESSION_TIMEOUT_MS = 800;
const PAUSE_MS = 120;
/** Between two faults, on average: seldom enough that recipes get something done. */
const FAULT_INTERVAL_MS = 250;
/** Virtual time between two looks at whether somebody is stuck. */
const LOOK_MS = 20;
/** Longest that a client stands still: some sessions end meanwhile. */
const FREEZE_MS_MAX = 1_600;
/** Between two freezes, on average. */
const FREEZE_INTERVAL_MS = 500;
/** Of virtual time: everybody goes on, and has ended, so soon after all is healed. */
const LIVENESS_MS = 60_000;

/** What a run is told. */
export interface RecipeRunOptions {
  readonly seed: number;
  readonly nodes?: number;
  readonly clients?: number;
  /** Length of the phase with faults, in ms of virtual time. */
  readonly safetyMs?: number;
  readonly onLine?: (line: string) => void;
}

/** What came out. */
export interface RecipeRun {
  readonly seed: number;
  /** What was wrong; empty when everything held. */
  readonly wrong: readonly string[];
  /** Of the event log: equal for equal runs. */
  readonly digest: string;
  /** The newest lines of the event log. */
  readonly recent: readonly string[];
  readonly events: number;
  readonly virtualMs: number;
  readonly sessions: number;
  /** Steps that ended well, by role. */
  readonly steps: ReadonlyMap<string, number>;
  /** Claims that came too late, and were refused by their token. */
  readonly refused: number;
  readonly faults: ReadonlyMap<string, number>;
}

/** Servers, faults and clients as in every other simulation; the clients are the real ones. */
class RecipeSimulation {
  readonly #options: Required<Omit<RecipeRunOptions, 'onLine'>>;
  readonly #world: World;
  readonly #random: RandomSource;
  readonly #invariants: Invariants;
  readonly #nodes: readonly SimulatedNode[];
  readonly #sessions: KeptSessions;
  readonly #clientNetwork: ClientNetwork;
  readonly #nemesis: Nemesis;
  readonly #judge = new LocalJudge();
  readonly #runtimes: SimulatedRuntime[] = [];
  readonly #players: Player[] = [];
  readonly #servers: string;
  /** A client's code has run since its promises were settled last. */
  #hasRan = false;
  #isHealed = false;

  constructor({ seed, nodes = 3, clients = 4, safetyMs = 4_000, onLine }: RecipeRunOptions) {
    this.#options = { seed, nodes, clients, safetyMs };
    this.#random = new RandomSource(seed);
    const world = new World(this.#random, new EventLog(onLine));
    this.#world = world;
    const drawn = drawSettings(this.#random.fork('settings'), nodes);
    const settings = { ...drawn, faultIntervalMs: FAULT_INTERVAL_MS };
    const configOf = drawConfig(this.#random.fork('config'), settings);
    const network = new Network(world, settings.nodeIds);
    const wellness = wellnessOf(world, network, () => this.#nodes);
    this.#invariants = new Invariants(wellness);
    const { tickMs, storageLimits, retention } = settings;
    this.#nodes = settings.nodeIds.map(
      (id) =>
        new SimulatedNode({
          ...{ world, network, tickMs, storageLimits, retention, experiments: {} },
          config: configOf(id),
          edition: settings.updated.includes(id) ? NEXT_EDITION : THIS_EDITION,
          observer: this.#invariants,
          application: {
            name: 'recipes',
            createService: (place) => new ZookeeperService(place, this.#sessions),
            createClients: (): Clients => {
              throw new Error('the clients are here');
            },
          },
        }),
    );
    this.#sessions = new KeptSessions({ world, nodes: this.#nodes, wellness });
    this.#servers = settings.nodeIds.map((id) => `node${id}:1`).join(',');
    const clientRandom = this.#random.fork('client network');
    this.#clientNetwork = new ClientNetwork(world, this.#nodes, clientRandom, (session, node) =>
      this.#sessions.onHeard(session, node),
    );
    const disturbed = this.#random.fork('disturbed clients');
    const victim = {
      ...{ world, network, nodes: this.#nodes, random: this.#random.fork('nemesis') },
      disturbClients: () => {
        this.#clientNetwork.disturb(disturbed);
        return true;
      },
      // They press on by themselves, and lose connections by what is done to their network.
      press: () => undefined,
      evict: () => undefined,
    };
    this.#nemesis = new Nemesis(victim, { settings });
  }

  async run(): Promise<RecipeRun> {
    const wrong: string[] = [];
    try {
      await this.#safetyPhase();
      wrong.push(...(await this.#livenessPhase()));
    } catch (error) {
      wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    return this.#result(wrong);
  }

  async #safetyPhase(): Promise<void> {
    for (const node of this.#nodes) node.start();
    for (let index = 0; index < this.#options.clients; index++) this.#addPlayer(index);
    await this.#runUntil(() => this.#players.every(({ client }) => client.state === 'connected'));
    this.#nemesis.start();
    this.#freezeNow();
    const untilMs = this.#world.nowMs + this.#options.safetyMs;
    await this.#runUntil(() => this.#world.nowMs >= untilMs);
  }

  /** Returns what is wrong. */
  async #livenessPhase(): Promise<readonly string[]> {
    this.#isHealed = true;
    this.#nemesis.healAll();
    this.#clientNetwork.healAll();
    for (const { thread } of this.#runtimes) thread.resume();
    const stuck = await this.#waitForProgress();
    if (stuck.length > 0) return stuck;
    const unsettled = await this.#await(
      Promise.all(this.#players.map((player) => player.settle(LIVENESS_MS / 2))),
    );
    await this.#await(Promise.all(this.#players.map((player) => player.rest())));
    const problems = this.#players.flatMap(({ problems: own }) => own);
    const client = this.#connect(99).client;
    const wrong = await this.#await(judgeTheEnd(client, this.#judge));
    const left = await this.#await(this.#untilNothingIsLeft(client));
    const kept = this.#players.flatMap(({ client: { watchCount, pendingRequests } }, at) =>
      watchCount + pendingRequests === 0 ? [] : [`client ${at} keeps ${watchCount} watches`],
    );
    await this.#await(Promise.all(this.#players.map((player) => player.client.close())));
    await this.#await(client.close());
    return [...unsettled.flat(), ...problems, ...wrong, ...left, ...kept];
  }

  async #untilNothingIsLeft(client: Client): Promise<readonly string[]> {
    const untilMs = this.#world.nowMs + 10_000;
    for (;;) {
      const left = await findLeftovers(client);
      if (left.length === 0 || this.#world.nowMs > untilMs) return left;
    }
  }

  /** Nobody is stuck: each role gets something done again. */
  async #waitForProgress(): Promise<readonly string[]> {
    const before = this.#players.map(({ progress }) => new Map(progress));
    const isStuck = (): string[] =>
      this.#players.flatMap(({ progress }, at) =>
        [...progress]
          .filter(([role, count]) => count <= (before[at]!.get(role) ?? 0))
          .map(([role, count]) => `client ${at}: ${role} is stuck after ${count} steps`),
      );
    const untilMs = this.#world.nowMs + LIVENESS_MS;
    while (isStuck().length > 0 && this.#world.nowMs < untilMs) {
      const nextMs = this.#world.nowMs + LOOK_MS;
      await this.#runUntil(() => this.#world.nowMs >= nextMs);
    }
    return isStuck();
  }

  #addPlayer(index: number): void {
    const { runtime, random } = this.#place(index);
    this.#runtimes.push(runtime);
    const judgeRandom = random.fork('judge');
    const rolesRandom = random.fork('roles');
    const player = new Player({
      servers: this.#servers,
      index,
      clients: this.#options.clients,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      pauseMs: PAUSE_MS,
      judge: distantJudge(this.#judge, this.#world, runtime.thread, judgeRandom),
      runtime,
      random: () => rolesRandom.next(),
    });
    player.client.on('state', (state) => {
      this.#world.note(`client ${index} is ${state} ${player.client.sessionId}`);
    });
    this.#players.push(player);
    runtime.thread.run(() => player.play());
  }

  #connect(index: number): { readonly client: Client } {
    const { runtime } = this.#place(index);
    return { client: new Client(this.#servers, { runtime }) };
  }

  #place(client: number): { readonly runtime: SimulatedRuntime; readonly random: RandomSource } {
    const random = this.#random.fork(`client ${client}`);
    const runtime = new SimulatedRuntime({
      world: this.#world,
      network: this.#clientNetwork,
      client,
      random: random.fork('runtime'),
      onRan: () => (this.#hasRan = true),
    });
    return { runtime, random };
  }

  /** Now and then a client's process stands still, and wakes up without knowing. */
  #freezeNow(): void {
    const random = this.#random.fork(`freeze ${this.#world.events}`);
    this.#world.after(random.exponential(FREEZE_INTERVAL_MS), () => {
      if (this.#isHealed) return;
      const at = random.below(this.#runtimes.length);
      const { thread } = this.#runtimes[at]!;
      this.#world.note(`client ${at} stands still`);
      thread.pause();
      this.#world.after(random.range(5, FREEZE_MS_MAX), () => thread.resume());
      this.#freezeNow();
    });
  }

  /** Lets the world go on until the promise is settled. */
  async #await<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    promise.then(settle, settle);
    const untilMs = this.#world.nowMs + 2 * LIVENESS_MS;
    await this.#runUntil(() => isSettled || this.#world.nowMs > untilMs);
    if (!isSettled) throw new Error('somebody waits for ever');
    return promise;
  }

  /** Promises are settled between two events, without time passing. */
  async #runUntil(isDone: () => boolean): Promise<void> {
    await settlePromises();
    while (!isDone()) {
      if (!this.#world.step()) throw new Error('nothing happens any more');
      if (!this.#hasRan) continue;
      this.#hasRan = false;
      await settlePromises();
    }
  }

  #result(wrong: readonly string[]): RecipeRun {
    const steps = new Map<string, number>();
    for (const { progress } of this.#players) {
      for (const [role, count] of progress) steps.set(role, (steps.get(role) ?? 0) + count);
    }
    return {
      seed: this.#options.seed,
      wrong,
      digest: this.#world.log.digest,
      recent: this.#world.log.recent,
      events: this.#world.events,
      virtualMs: this.#world.nowMs,
      sessions: this.#players.reduce((sum, { client }) => sum + client.sessionNumber, 0),
      steps,
      refused: this.#judge.referee.refused,
      faults: this.#nemesis.counts,
    };
  }
}

function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Runs one seed: real clients play every recipe against the whole server, while everything breaks
 * that can; then all heals, and everybody has to go on, and leave nothing behind.
 */
export function simulateRecipes(options: RecipeRunOptions): Promise<RecipeRun> {
  return new RecipeSimulation(options).run();
}
