import type { Change } from '@bellwether/simulator/oracle';

/** A client library as the workload drives it. What is answered goes to the recorder by another way. */
export interface Asker {
  readonly kind: string;
  /** There is a connection: requests go out at once. */
  readonly isOpen: boolean;
  /** Asked for, and neither answered nor failed. */
  readonly pending: number;
  /** Whether it can leave watches. */
  readonly canWatch: boolean;
  /** Values of writes that the library says were done. */
  readonly acknowledged: ReadonlySet<string>;
  /** What a library must never say, in words. */
  readonly problems: readonly string[];
  /** One change, or several in a transaction. */
  write(changes: readonly Change[]): void;
  read(path: string, watch: 'watch' | 'none', onRead: (version: number) => void): void;
  /** A read behind a sync. */
  readNewest(path: string, onRead: (version: number) => void): void;
  exists(path: string): void;
  list(path: string, watch: 'watch' | 'none'): void;
  /** Ends the session; a new one follows. */
  renew(): void;
  /** The program vanishes, without a word to the servers. */
  abandon(how: 'closed' | 'silent'): void;
  /** Ends the session, and everything else. */
  end(): Promise<void>;
}
