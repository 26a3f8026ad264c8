import type { CommandContext, RestoreSink, StateMachine } from 'bellwether';
import { CommandRejected, jsonCodec, jsonRestore, jsonSnapshot } from 'bellwether';

/** A value, and how often it was written. */
export interface Entry {
  readonly value: string;
  readonly version: number;
}

export type Command =
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly value: string;
      readonly ifVersion?: number;
    }
  | { readonly kind: 'delete'; readonly key: string; readonly ifVersion?: number };

/** The key has another version than the one that was named. */
export class WrongVersion extends CommandRejected {
  readonly version: number;

  constructor(key: string, version: number) {
    super(`${key} has version ${version}`);
    this.version = version;
  }
}

/** Keys with versions: 0 where there is none, so that a put can ask for a key to be new. */
export class Store implements StateMachine<Command, number, string, Entry | undefined> {
  readonly codec = jsonCodec<Command>();
  #entries = new Map<string, Entry>();

  /** @returns the version afterwards */
  apply(command: Command, _context: CommandContext): number {
    const { key, ifVersion } = command;
    const version = this.#entries.get(key)?.version ?? 0;
    if (ifVersion !== undefined && ifVersion !== version) throw new WrongVersion(key, version);
    if (command.kind === 'delete') {
      this.#entries.delete(key);
      return 0;
    }
    this.#entries.set(key, { value: command.value, version: version + 1 });
    return version + 1;
  }

  query(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  snapshot(): Iterable<Uint8Array> {
    return jsonSnapshot([...this.#entries]);
  }

  restore(): RestoreSink {
    return jsonRestore<[string, Entry][]>((entries) => (this.#entries = new Map(entries)));
  }
}
