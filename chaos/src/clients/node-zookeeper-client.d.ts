/** As much of the npm package as the workload uses; it comes without types. */
declare module 'node-zookeeper-client' {
  import type { EventEmitter } from 'node:events';

  interface State {
    readonly name: string;
  }
  interface Stat {
    readonly version: number;
  }
  type Callback<T extends readonly unknown[] = []> = (error: Error | null, ...result: T) => void;

  export interface Client extends EventEmitter {
    connect(): void;
    close(): void;
    getState(): State;
    create(path: string, data: Buffer, mode: number, callback: Callback<[string]>): void;
    getData(path: string, callback: Callback<[Buffer, Stat]>): void;
    setData(path: string, data: Buffer, version: number, callback: Callback<[Stat]>): void;
    exists(path: string, callback: Callback<[Stat | null]>): void;
    getChildren(path: string, callback: Callback<[string[], Stat]>): void;
    remove(path: string, version: number, callback: Callback): void;
    transaction(): Transaction;
  }
  export interface Transaction {
    setData(path: string, data: Buffer, version?: number): this;
    commit(callback: Callback<[unknown]>): void;
  }
  interface Package {
    createClient(
      servers: string,
      options: {
        readonly sessionTimeout: number;
        /** Longest pause before the servers are tried again, once all have been, ms. */
        readonly spinDelay: number;
        /** How often an operation is repeated after a connection loss. */
        readonly retries: number;
      },
    ): Client;
    readonly State: { readonly SYNC_CONNECTED: State; readonly EXPIRED: State };
    readonly CreateMode: {
      readonly PERSISTENT: number;
      readonly PERSISTENT_SEQUENTIAL: number;
      readonly EPHEMERAL: number;
    };
  }
  const zookeeper: Package;
  export default zookeeper;
}
