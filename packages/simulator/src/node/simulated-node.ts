import type { DriverOptions, LogRetention, Transport } from '@bellwether/cluster';
import { ConsensusDriver, silenceBoundsFor } from '@bellwether/cluster';
import type { NodeId, RaftConfig } from '@bellwether/raft';
import type { FileSystem, StorageLimits } from '@bellwether/storage';
import { LogStore, StorageError } from '@bellwether/storage';
import type { Application, ServicePlace } from '../application.ts';
import { assert } from '../assert.ts';
import type { Network } from '../network/network.ts';
import type { Edition } from '../network/edition.ts';
import { SimulatedTransport } from '../network/simulated-transport.ts';
import type { RandomSource } from '../random.ts';
import { SimulatedThread, ThreadHop } from '../thread.ts';
import type { World } from '../world.ts';
import { DATA_DIRECTORY, SimulatedDisk } from './disk.ts';
import type { Observer, ProcessId } from './observer.ts';
import { ObservedTransport } from './observed-transport.ts';
import { MachineClock } from './machine-clock.ts';
import { ProcessClock } from './process-clock.ts';
import { ServiceHost } from './service-host.ts';

const CLUSTER_ID = 'simulated';
/** Longest way from one thread of a process to the other. */
const HOP_MS_MAX = 0.15;
/** After which a process that ended by itself is started again. */
const RESTART_MS = 30;
/** After which nobody starts it any more: it runs into damage on its disk. */
const DAMAGES_MAX = 5;

/** What tests put between a node and its world, to see a broken one caught. */
export interface Experiments {
  readonly log?: (log: LogStore) => LogStore;
  readonly fileSystem?: (fileSystem: FileSystem) => FileSystem;
  readonly transport?: (transport: Transport) => Transport;
}

export interface NodeOptions {
  readonly world: World;
  readonly network: Network;
  readonly config: RaftConfig;
  /** With which it begins. */
  readonly edition: Edition;
  readonly tickMs: number;
  readonly storageLimits: Partial<StorageLimits>;
  readonly retention: LogRetention;
  readonly observer: Observer;
  readonly experiments: Experiments;
  readonly application: Application;
}

/** One run of a node: everything in it is lost when it ends. */
export interface SimulatedProcess {
  readonly id: ProcessId;
  readonly consensus: SimulatedThread;
  readonly service: SimulatedThread;
  readonly log: LogStore;
  readonly driver: ConsensusDriver;
  readonly host: ServiceHost;
}

/** A machine with its disk and clocks, and the process that runs on it now, if one does. */
export class SimulatedNode {
  readonly id: NodeId;
  readonly disk: SimulatedDisk;
  readonly clock: MachineClock;
  /** The build that is started next. */
  edition: Edition;
  readonly #options: NodeOptions;
  readonly #random: RandomSource;
  #process: SimulatedProcess | undefined;
  #refusal: Error | undefined;
  /** How often damage on the disk ended it. */
  #damages = 0;
  /** When it was started or ended last. */
  #disturbedMs = 0;

  constructor(options: NodeOptions) {
    this.id = options.config.id;
    this.#options = options;
    this.edition = options.edition;
    this.clock = new MachineClock(options.world);
    this.#random = options.world.random.fork(`node ${this.id}`);
    this.disk = new SimulatedDisk(this.#random.fork('disk'), () => options.world.nowMs);
  }

  /** Undefined while the node is down. */
  get process(): SimulatedProcess | undefined {
    return this.#process;
  }

  /** Why it does not start any more: its disk holds what can't be trusted. */
  get refusal(): Error | undefined {
    return this.#refusal;
  }

  /** When something was last wrong with it; Infinity: it is now. */
  get disturbedMs(): number {
    const { disk, clock } = this;
    if (this.#process === undefined) return Infinity;
    const { consensus, service } = this.#process;
    const parts = [consensus, service, disk, clock].map(({ disturbedMs }) => disturbedMs);
    return Math.max(this.#disturbedMs, ...parts);
  }

  /** Does nothing for a node that has refused its disk. Without room on the disk it is tried again. */
  start(): void {
    assert(this.#process === undefined, 'a node runs once');
    if (this.#refusal !== undefined) return;
    try {
      this.#start();
    } catch (error) {
      this.#onNotStarted(error);
    }
  }

  #start(): void {
    const { world, observer } = this.#options;
    const id: ProcessId = { nodeId: this.id, incarnation: this.#random.below(2 ** 32) };
    const check = (): void => {
      if (this.#process?.id === id) observer.onEvent(id, this.#process.driver);
    };
    const consensus = new SimulatedThread(world, check, (error) => this.#onFatal(id, error));
    const service = new SimulatedThread(world, check);
    this.disk.thread = consensus;
    const log = this.#openLog();
    this.#disturbedMs = world.nowMs;
    const range = `log ${log.firstIndex()}..${log.lastIndex()}`;
    world.note(`${this.id} starts: ${range}, ${this.edition.name}`);
    observer.onStarted(id, log);
    const host = this.#createHost(id, consensus, service);
    const driver = this.#createDriver(id, consensus, log, host);
    host.connect(driver);
    this.#process = { id, consensus, service, log, driver, host };
    driver.start();
    this.#tickFor(this.#process);
  }

  /** The process ends (kill -9), or the machine loses its power and with it what was not flushed. */
  crash(how: 'kill' | 'power'): void {
    const process = this.#process;
    assert(process !== undefined, 'only a node that runs can crash');
    this.#options.world.note(`${this.id} ends: ${how}`);
    this.#process = undefined;
    process.consensus.kill();
    process.service.kill();
    this.disk.thread = undefined;
    this.#options.network.onProcessEnded(this.id, how);
    process.host.service.onProcessEnded?.(how);
    if (how === 'power') this.disk.losePower();
    else this.disk.fileSystem.killProcess();
    this.#options.observer.onEnded(process.id);
  }

  /** A disk that fails ends the process, as it should; somebody starts it again. */
  #onFatal(id: ProcessId, error: unknown): void {
    const { world } = this.#options;
    if (!this.disk.isToBlame(error)) throw error;
    world.note(`${id.nodeId} can't go on: ${error.message}`);
    this.#noteDamage(error);
    this.disk.isFailing = false;
    world.soon(() => {
      if (this.#process?.id === id) this.crash('kill');
    });
    this.#startLater();
  }

  /** Who runs into damage each time it is started is not started for ever. */
  #noteDamage(error: Error): void {
    if (!(error instanceof StorageError) || error.code === 'ioFailed') return;
    this.#damages += 1;
    if (this.#damages >= DAMAGES_MAX) this.#refusal = error;
  }

  #startLater(): void {
    this.#options.world.after(RESTART_MS, () => {
      if (this.#process === undefined) this.start();
    });
  }

  #onNotStarted(error: unknown): void {
    if (!this.disk.isToBlame(error)) throw error;
    if (this.#process === undefined) this.disk.fileSystem.killProcess();
    else this.crash('kill');
    this.disk.thread = undefined;
    this.disk.isFailing = false;
    const isBad = error instanceof StorageError && error.code !== 'ioFailed';
    if (this.disk.isSpoiled && (isBad || !this.disk.fileSystem.isFull)) this.#refusal = error;
    else this.#startLater();
    this.#options.world.note(`${this.id} does not start: ${error.message}`);
  }

  #openLog(): LogStore {
    const { experiments, storageLimits } = this.#options;
    const { fileSystem } = this.disk;
    const log = LogStore.open({
      fileSystem: experiments.fileSystem?.(fileSystem) ?? fileSystem,
      directory: DATA_DIRECTORY,
      clusterId: CLUSTER_ID,
      nodeId: this.id,
      limits: storageLimits,
    });
    return experiments.log?.(log) ?? log;
  }

  #createHost(id: ProcessId, consensus: SimulatedThread, service: SimulatedThread): ServiceHost {
    const { world, observer, application } = this.#options;
    const random = this.#random.fork(`hops ${id.incarnation}`);
    const delayMs = (): number => random.range(0, HOP_MS_MAX);
    return new ServiceHost({
      process: id,
      place: this.#place(id, service),
      toConsensus: new ThreadHop(world, consensus, delayMs),
      toService: new ThreadHop(world, service, delayMs),
      observer,
      application,
      onFatal: (error) => this.#onFatal(id, error),
    });
  }

  #place(id: ProcessId, thread: SimulatedThread): ServicePlace {
    const { clock } = this;
    return {
      nodeId: this.id,
      members: this.#options.config.initialMembership.voters,
      thread,
      random: this.#random.fork(`service ${id.incarnation}`),
      nowMs: () => clock.nowMs(),
      wallMs: () => clock.wallMs(),
      every: (intervalMs, action) => repeat(thread, () => intervalMs / clock.rate, action),
      note: (text) => this.#options.world.note(`${this.id} ${text}`),
    };
  }

  #createDriver(
    id: ProcessId,
    thread: SimulatedThread,
    log: LogStore,
    host: ServiceHost,
  ): ConsensusDriver {
    const { network, config, tickMs, observer, experiments } = this.#options;
    const random = this.#random.fork(`driver ${id.incarnation}`);
    const options: DriverOptions = {
      config,
      log,
      service: host.port(),
      clock: new ProcessClock(thread, this.clock, random.fork('clock')),
      random: () => random.next(),
      incarnation: id.incarnation,
      retention: this.#options.retention,
      detection: { tickMs, ...silenceBoundsFor(config.heartbeatTicks * tickMs) },
      connect: (handler) => {
        const { id: nodeId, edition } = this;
        const place = { nodeId, edition, thread, random: random.fork('transport') };
        const transport = new SimulatedTransport(network, place, handler);
        transport.listen();
        const observed = new ObservedTransport(transport, (message) => {
          if (this.#process?.id === id) observer.onSend(id, this.#process.driver, message);
        });
        return experiments.transport?.(observed) ?? observed;
      },
    };
    return new ConsensusDriver(options);
  }

  #tickFor({ consensus, driver }: SimulatedProcess): void {
    const { tickMs } = this.#options;
    repeat(
      consensus,
      () => tickMs / this.clock.rate,
      () => driver.tick(),
    );
  }
}

/** As a repeating timer does it: after a pause the missed ones are one. */
function repeat(thread: SimulatedThread, intervalMs: () => number, action: () => void): () => void {
  let isStopped = false;
  const plan = (): void =>
    thread.post(intervalMs(), () => {
      if (isStopped) return;
      action();
      plan();
    });
  plan();
  return () => (isStopped = true);
}
