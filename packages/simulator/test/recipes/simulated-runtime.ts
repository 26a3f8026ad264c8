import type { DialTarget, Runtime, Transport, TransportHandlers } from '@bellwether/client';
import type { RandomSource } from '../../src/random.ts';
import { MachineClock } from '../../src/node/machine-clock.ts';
import { SimulatedThread } from '../../src/thread.ts';
import type { World } from '../../src/world.ts';
import type { ClientConnection } from '../../src/zookeeper/client-connection.ts';
import type { ClientNetwork } from '../../src/zookeeper/client-network.ts';

/** How much faster or slower than the servers' a client's clock may run. */
const DRIFT_MAX = 0.03;
/** After which the kernel has taken what was written. */
const WRITE_MS_MAX = 0.1;

/** Where a client runs. */
export interface RuntimePlace {
  readonly world: World;
  readonly network: ClientNetwork;
  readonly client: number;
  readonly random: RandomSource;
  /** The client's code has run: promises may have been settled. */
  readonly onRan: () => void;
}

/** The world outside a client, simulated: its process can be frozen, its clock drifts. */
export class SimulatedRuntime implements Runtime {
  readonly thread: SimulatedThread;
  readonly #place: RuntimePlace;
  readonly #clock: MachineClock;

  constructor(place: RuntimePlace) {
    this.#place = place;
    this.thread = new SimulatedThread(place.world, place.onRan);
    this.#clock = new MachineClock(place.world);
    this.#clock.rate = 1 + place.random.range(-DRIFT_MAX, DRIFT_MAX);
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  setTimer(onTime: () => void, delayMs: number): { isCleared: boolean } {
    const timer = { isCleared: false };
    this.thread.post(Math.max(0, delayMs) / this.#clock.rate, () => {
      if (!timer.isCleared) onTime();
    });
    return timer;
  }

  clearTimer(timer: unknown): void {
    (timer as { isCleared: boolean }).isCleared = true;
  }

  defer(work: () => void): void {
    this.thread.post(0, work);
  }

  random(): number {
    return this.#place.random.next();
  }

  uuid(): string {
    const hex = (digits: number): string =>
      Array.from({ length: digits }, () => this.#place.random.below(16).toString(16)).join('');
    return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  }

  dial({ host }: DialTarget, handlers: TransportHandlers): Transport {
    const { network, client } = this.#place;
    const transport = new SimulatedSocket(this, handlers, () =>
      this.#place.random.range(0, WRITE_MS_MAX),
    );
    network.dial(client, Number(host.replace('node', '')), {
      up: (connection) => transport.onUp(connection),
      refused: () => transport.close('ECONNREFUSED'),
    });
    return transport;
  }
}

/** The client's socket: what the network does reaches the process when it runs. */
class SimulatedSocket implements Transport {
  readonly #runtime: SimulatedRuntime;
  readonly #handlers: TransportHandlers;
  readonly #writeMs: () => number;
  #connection: ClientConnection | undefined;
  #isOver = false;

  constructor(runtime: SimulatedRuntime, handlers: TransportHandlers, writeMs: () => number) {
    this.#runtime = runtime;
    this.#handlers = handlers;
    this.#writeMs = writeMs;
  }

  onUp(connection: ClientConnection): void {
    if (this.#isOver) return connection.close();
    this.#connection = connection;
    connection.onData = (bytes) => {
      const copy = bytes.slice();
      this.#run(() => this.#handlers.onData(copy));
    };
    connection.onLost = () => this.close('ECONNRESET');
    this.#run(() => this.#handlers.onConnected());
  }

  write(bytes: Uint8Array, onWritten: () => void): void {
    this.#connection?.send(bytes);
    this.#runtime.thread.post(this.#writeMs(), () => {
      if (!this.#isOver) onWritten();
    });
  }

  destroy(): void {
    this.#isOver = true;
    this.#connection?.close();
  }

  close(reason: string): void {
    this.#run(() => {
      this.#isOver = true;
      this.#handlers.onClosed(new Error(reason));
    });
  }

  #run(work: () => void): void {
    this.#runtime.thread.run(() => {
      if (!this.#isOver) work();
    });
  }
}
