/** As much of the npm package as the test uses; it comes without types. */
declare module 'node-zookeeper-client' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export interface Event {
    getType(): number;
    getName(): string;
    getPath(): string;
  }
  export interface ClientStat {
    readonly version: number;
    readonly numChildren: number;
  }
  export interface ClientError extends Error {
    getName(): string;
  }
  export interface ClientOptions {
    readonly sessionTimeout?: number;
    /** Longest pause before the servers are tried again, once all have been, ms. */
    readonly spinDelay?: number;
    /** How often an operation is repeated after a connection loss. */
    readonly retries?: number;
  }
  type Callback<T extends readonly unknown[]> = (error: ClientError | null, ...result: T) => void;
  type Watcher = (event: Event) => void;

  export interface Client extends EventEmitter {
    /** Not public: the only way to learn which server a client is connected to. */
    readonly connectionManager: { readonly socket: Socket };
    connect(): void;
    close(): void;
    getSessionId(): Buffer;
    create(path: string, data: Buffer, mode: number, callback: Callback<[string]>): void;
    getData(path: string, watcher: Watcher, callback: Callback<[Buffer, ClientStat]>): void;
    getData(path: string, callback: Callback<[Buffer, ClientStat]>): void;
    setData(path: string, data: Buffer, version: number, callback: Callback<[ClientStat]>): void;
    exists(path: string, watcher: Watcher, callback: Callback<[ClientStat | null]>): void;
    exists(path: string, callback: Callback<[ClientStat | null]>): void;
    getChildren(path: string, watcher: Watcher, callback: Callback<[string[], ClientStat]>): void;
    getChildren(path: string, callback: Callback<[string[], ClientStat]>): void;
    remove(path: string, version: number, callback: Callback<[]>): void;
    transaction(): Transaction;
  }
  export interface Transaction {
    create(path: string, data: Buffer): this;
    setData(path: string, data: Buffer, version?: number): this;
    check(path: string, version?: number): this;
    remove(path: string, version?: number): this;
    commit(callback: Callback<[unknown]>): void;
  }
  interface Package {
    createClient(connectString: string, options?: ClientOptions): Client;
    readonly CreateMode: {
      readonly PERSISTENT: number;
      readonly PERSISTENT_SEQUENTIAL: number;
      readonly EPHEMERAL: number;
      readonly EPHEMERAL_SEQUENTIAL: number;
    };
  }
  const zookeeper: Package;
  export default zookeeper;
}
