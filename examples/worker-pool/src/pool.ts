import type { Cluster, CommandContext, RestoreSink, StateMachine } from 'bellwether';
import { CommandRejected, jsonCodec, jsonRestore, jsonSnapshot } from 'bellwether';

/** A part of the work, and who does it. */
export interface Shard {
  readonly shard: number;
  readonly worker: string;
  /** Rises with every owner: the fencing token. */
  readonly epoch: number;
  /** Its owner is to release it. */
  readonly isRecalled: boolean;
}

export interface PoolState {
  /** By name, and the number of the newest beat of each. */
  readonly workers: readonly (readonly [string, number])[];
  readonly shards: readonly Shard[];
}

/** What workers say, and what the leader decides. */
export type Command =
  | { readonly kind: 'beat'; readonly worker: string }
  | { readonly kind: 'release'; readonly worker: string; readonly shard: number }
  | { readonly kind: 'assign'; readonly worker: string; readonly shard: number }
  | { readonly kind: 'recall'; readonly worker: string; readonly shard: number }
  /** If it has not been heard of since that beat. */
  | { readonly kind: 'expire'; readonly worker: string; readonly beat: number };

/** The shards of the worker that the command was about. */
export type Result = readonly Shard[];

export type PoolCluster = Cluster<Command, Result, void, PoolState>;

/** Who is alive, and who owns what. A shard has one owner at a time, or none. */
export class Pool implements StateMachine<Command, Result, void, PoolState> {
  readonly codec = jsonCodec<Command>();
  #workers = new Map<string, number>();
  #shards = new Map<number, Shard>();

  apply(command: Command, { index }: CommandContext): Result {
    const { worker } = command;
    if (command.kind === 'beat') this.#workers.set(worker, index);
    else if (command.kind === 'expire') this.#expire(worker, command.beat);
    else if (command.kind === 'assign') this.#assign(worker, command.shard, index);
    else this.#letGo(command.kind, worker, command.shard);
    return this.#shardsOf(worker);
  }

  query(): PoolState {
    return { workers: [...this.#workers], shards: [...this.#shards.values()] };
  }

  snapshot(): Iterable<Uint8Array> {
    return jsonSnapshot(this.query());
  }

  restore(): RestoreSink {
    return jsonRestore<PoolState>(({ workers, shards }) => {
      this.#workers = new Map(workers);
      this.#shards = new Map(shards.map((owned) => [owned.shard, owned]));
    });
  }

  #expire(worker: string, beat: number): void {
    if (this.#workers.get(worker) !== beat) throw new CommandRejected(`${worker} is alive`);
    this.#workers.delete(worker);
    for (const { shard } of this.#shardsOf(worker)) this.#shards.delete(shard);
  }

  #assign(worker: string, shard: number, index: number): void {
    if (!this.#workers.has(worker)) throw new CommandRejected(`there is no ${worker}`);
    if (this.#shards.has(shard)) throw new CommandRejected(`shard ${shard} has an owner`);
    this.#shards.set(shard, { shard, worker, epoch: index, isRecalled: false });
  }

  #letGo(how: 'release' | 'recall', worker: string, shard: number): void {
    const owned = this.#shards.get(shard);
    if (owned?.worker !== worker) throw new CommandRejected(`${shard} is not ${worker}'s`);
    if (how === 'release') this.#shards.delete(shard);
    else this.#shards.set(shard, { ...owned, isRecalled: true });
  }

  #shardsOf(worker: string): Shard[] {
    return [...this.#shards.values()].filter((owned) => owned.worker === worker);
  }
}
