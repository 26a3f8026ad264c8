import type { Application, Clients, OperationCounts } from './application.ts';
import { EventLog } from './event-log.ts';
import { Invariants } from './invariants/invariants.ts';
import { awaitConvergence, type Bounds, describeNodes } from './liveness.ts';
import type { Fault } from './nemesis/cluster.ts';
import { Nemesis } from './nemesis/nemesis.ts';
import { NEXT_EDITION, THIS_EDITION } from './network/edition.ts';
import { Network } from './network/network.ts';
import { type Experiments, SimulatedNode } from './node/simulated-node.ts';
import { RandomSource } from './random.ts';
import { registerApplication } from './services/register-application.ts';
import { drawConfig, drawSettings } from './settings.ts';
import { wellnessOf } from './wellness.ts';
import { World } from './world.ts';

const DEFAULT_SAFETY_MS = 5_000;
/** Virtual time between two looks at everything. */
const FULL_CHECK_MS = 1_000;

/** What is run, and for how long. */
export interface SimulationOptions {
  /** A whole number from 0 to 2^53 - 1: decides everything. */
  readonly seed: number;
  /** Voters; 3 when absent. */
  readonly nodes?: number | undefined;
  /** Length of the phase with faults, in ms of virtual time. */
  readonly safetyMs?: number | undefined;
  /** What is replicated, and who uses it; an append-only register when absent. */
  readonly application?: Application;
  /** Kinds of fault that may strike; all when absent. */
  readonly faults?: readonly Fault[] | undefined;
  /** Numbers of the strikes that happen, the first is 1; all when absent. */
  readonly strikes?: readonly number[] | undefined;
  /** Programs that use the cluster; as the seed decides when absent. */
  readonly clients?: number | undefined;
  /** Gets every line of the event log. */
  readonly onLine?: ((line: string) => void) | undefined;
  readonly experiments?: Experiments;
}

/** What went wrong, and what was known then. */
export interface SimulationFailure {
  readonly error: Error;
  readonly atMs: number;
  /** Newest lines of the event log. */
  readonly recent: readonly string[];
  /** What each node said of itself then. */
  readonly nodes: readonly string[];
}

/** What a run amounted to. */
export interface SimulationResult {
  /** The application's name. */
  readonly application: string;
  readonly seed: number;
  readonly nodes: number;
  /** Undefined when everything held. */
  readonly failure: SimulationFailure | undefined;
  readonly events: number;
  readonly virtualMs: number;
  /** Length of the phase with faults. */
  readonly safetyMs: number;
  readonly elections: number;
  readonly committed: number;
  readonly commands: { readonly done: number; readonly pending: number; indeterminate: number };
  /** What clients asked for. */
  readonly operations: OperationCounts;
  readonly reads: number;
  readonly faults: ReadonlyMap<string, number>;
  /** Numbers of the strikes. */
  readonly strikes: readonly number[];
  /** Programs that used the cluster at a time. */
  readonly clients: number;
  /** How long it took until somebody led, and until all was calm; undefined when it did not come to that. */
  readonly recovery: Bounds | undefined;
  readonly traffic: Readonly<Record<string, number>>;
  /** Of the event log: equal for equal runs. */
  readonly digest: string;
}

/** Runs one seed: a phase with faults, in which nothing wrong may happen, then one without, in which everything must. */
export function simulate(options: SimulationOptions): SimulationResult {
  return new Simulation(options).run();
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #application: Application;
  readonly #world: World;
  readonly #network: Network;
  readonly #invariants: Invariants;
  readonly #nodes: readonly SimulatedNode[];
  readonly #nemesis: Nemesis;
  readonly #clients: Clients;
  readonly #clientCount: number;
  #recovery: Bounds | undefined;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const random = new RandomSource(options.seed);
    const world = new World(random, new EventLog(options.onLine));
    const application = options.application ?? registerApplication();
    const drawn = drawSettings(random.fork('settings'), options.nodes ?? 3);
    const settings = { ...drawn, clients: options.clients ?? drawn.clients };
    const configOf = drawConfig(random.fork('config'), settings);
    this.#application = application;
    this.#world = world;
    this.#clientCount = settings.clients;
    this.#network = new Network(world, settings.nodeIds);
    const wellness = wellnessOf(world, this.#network, () => this.#nodes);
    this.#invariants = new Invariants(wellness);
    this.#nodes = settings.nodeIds.map(
      (id) =>
        new SimulatedNode({
          world,
          network: this.#network,
          config: configOf(id),
          edition: settings.updated.includes(id) ? NEXT_EDITION : THIS_EDITION,
          tickMs: settings.tickMs,
          storageLimits: settings.storageLimits,
          retention: settings.retention,
          observer: this.#invariants,
          experiments: options.experiments ?? {},
          application,
        }),
    );
    this.#clients = application.createClients({
      ...{ world, settings, nodes: this.#nodes, wellness },
      random: random.fork('clients'),
    });
    const disturbed = random.fork('disturbed clients');
    const victim = {
      disturbClients: () => this.#clients.disturb?.(disturbed) ?? false,
      press: (node: SimulatedNode, count: number) => this.#clients.press(node, count),
      evict: (node: SimulatedNode) => this.#clients.evict?.(node),
      world,
      network: this.#network,
      nodes: this.#nodes,
      random: random.fork('nemesis'),
    };
    const { faults, strikes } = options;
    this.#nemesis = new Nemesis(victim, { settings, faults, strikes });
  }

  get #safetyMs(): number {
    return this.#options.safetyMs ?? DEFAULT_SAFETY_MS;
  }

  run(): SimulationResult {
    let failure: SimulationFailure | undefined;
    try {
      this.#safetyPhase();
      this.#livenessPhase();
    } catch (error) {
      failure = this.#failure(error);
    }
    return this.#result(failure);
  }

  #safetyPhase(): void {
    for (const node of this.#nodes) node.start();
    this.#clients.start();
    this.#nemesis.start();
    const untilMs = this.#safetyMs;
    while (this.#world.nowMs < untilMs) {
      this.#world.run(Math.min(untilMs, this.#world.nowMs + FULL_CHECK_MS));
      this.#checkEverything();
    }
  }

  #livenessPhase(): void {
    this.#nemesis.healAll();
    this.#clients.finish();
    this.#recovery = awaitConvergence(this.#world, this.#nodes, this.#clients);
    this.#checkEverything();
    this.#clients.check();
  }

  #checkEverything(): void {
    const spoiled = this.#nodes.filter(({ disk }) => disk.isSpoiled).map(({ id }) => id);
    this.#invariants.checkEverything((nodeId) => !spoiled.includes(nodeId));
  }

  #failure(error: unknown): SimulationFailure {
    return {
      error: error instanceof Error ? error : new Error(String(error)),
      atMs: this.#world.nowMs,
      recent: this.#world.log.recent,
      nodes: describeNodes(this.#nodes),
    };
  }

  #result(failure: SimulationFailure | undefined): SimulationResult {
    return {
      application: this.#application.name,
      seed: this.#options.seed,
      nodes: this.#nodes.length,
      failure,
      events: this.#world.events,
      virtualMs: this.#world.nowMs,
      safetyMs: this.#safetyMs,
      elections: this.#invariants.elections.elections,
      committed: this.#invariants.committed.lastIndex,
      commands: this.#invariants.commands.counts,
      operations: this.#clients.counts,
      reads: this.#invariants.readsDone,
      faults: this.#nemesis.counts,
      strikes: this.#nemesis.struck,
      clients: this.#clientCount,
      recovery: this.#recovery,
      traffic: this.#network.counts as unknown as Readonly<Record<string, number>>,
      digest: this.#world.log.digest,
    };
  }
}
