/** As much of the npm package as is measured; it comes without types. */
declare module 'node-zookeeper-client' {
  type Callback = (error: Error | null) => void;
  interface Client {
    once(event: 'connected', listener: () => void): void;
    connect(): void;
    close(): void;
    create(path: string, data: Buffer, callback: Callback): void;
    remove(path: string, version: number, callback: Callback): void;
    getData(path: string, callback: Callback): void;
    setData(path: string, data: Buffer, version: number, callback: Callback): void;
  }
  interface Package {
    createClient(servers: string, options?: { readonly sessionTimeout?: number }): Client;
  }
  const zookeeper: Package;
  export default zookeeper;
}
