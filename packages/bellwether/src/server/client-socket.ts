/**
 * What a connection needs of its socket: of `node:net` in production, of the simulator's network in
 * the simulator.
 */
export interface ClientSocket {
  /** undefined: the client is gone again already. */
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly writable: boolean;
  /** Bytes that the client has not taken yet. */
  readonly writableLength: number;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'drain' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeAllListeners(event: 'data'): unknown;
  pause(): unknown;
  resume(): unknown;
  /** `onTaken` is called once, when `bytes` may be used again: they were sent, or never will be. */
  write(bytes: Uint8Array, onTaken?: () => void): unknown;
  end(): unknown;
  end(text: string): unknown;
  destroy(): unknown;
}
