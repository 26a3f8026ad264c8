import type { ClusterOptions, RestoreSink, StateMachine } from 'bellwether';
import { Cluster, jsonCodec, jsonRestore, jsonSnapshot } from 'bellwether';

/** The replicated state: one number. A command is the amount to add, the result the new value. */
export class CounterMachine implements StateMachine<number, number, void, number> {
  readonly codec = jsonCodec<number>();
  #value = 0;

  apply(amount: number): number {
    this.#value += amount;
    return this.#value;
  }

  query(): number {
    return this.#value;
  }

  snapshot(): Iterable<Uint8Array> {
    return jsonSnapshot(this.#value);
  }

  restore(): RestoreSink {
    return jsonRestore<number>((value) => (this.#value = value));
  }
}

/** One member of a replicated counter. */
export class Counter {
  readonly cluster: Cluster<number, number, void, number>;

  private constructor(cluster: Cluster<number, number, void, number>) {
    this.cluster = cluster;
  }

  static async start(options: Omit<ClusterOptions, 'stateMachine'>): Promise<Counter> {
    return new Counter(await Cluster.start({ ...options, stateMachine: new CounterMachine() }));
  }

  /** Adds `amount`, exactly once, whichever node leads; returns the new value. */
  add(amount: number): Promise<number> {
    return this.cluster.propose(amount);
  }

  /** A value at least as new as any that was acknowledged to anybody before the call. */
  read(): Promise<number> {
    return this.cluster.read();
  }
}
