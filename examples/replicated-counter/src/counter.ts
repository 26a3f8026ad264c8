import type { ClusterOptions, RestoreSink, StateMachine } from 'bellwether';
import { Cluster } from 'bellwether';

const encode = (value: number): Uint8Array => new TextEncoder().encode(String(value));
const decode = (bytes: Uint8Array): number => Number(new TextDecoder().decode(bytes));

/** The replicated state: one number. A command is the amount to add, the result the new value. */
class CounterStateMachine implements StateMachine {
  value = 0;

  apply(command: Uint8Array): Uint8Array {
    this.value += decode(command);
    return encode(this.value);
  }

  snapshot(): Iterable<Uint8Array> {
    return [encode(this.value)];
  }

  restore(): RestoreSink {
    return { write: (chunk) => (this.value = decode(chunk)), end: () => undefined };
  }
}

/** One member of a replicated counter. */
export class Counter {
  readonly cluster: Cluster;
  readonly #state: CounterStateMachine;

  private constructor(cluster: Cluster, state: CounterStateMachine) {
    this.cluster = cluster;
    this.#state = state;
  }

  static async start(options: Omit<ClusterOptions, 'stateMachine'>): Promise<Counter> {
    const stateMachine = new CounterStateMachine();
    return new Counter(await Cluster.start({ ...options, stateMachine }), stateMachine);
  }

  /** Adds `amount`, exactly once, whichever node leads; returns the new value. */
  async add(amount: number): Promise<number> {
    const result = await this.cluster.propose(encode(amount));
    return decode(result ?? encode(0));
  }

  /** A value at least as new as any that was acknowledged to anybody before the call. */
  async read(): Promise<number> {
    await this.cluster.readBarrier();
    return this.#state.value;
  }
}
