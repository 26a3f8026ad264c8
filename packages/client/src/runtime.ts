/** What a connection tells the client that dialled it. After `onClosed` comes nothing more. */
export interface TransportHandlers {
  onConnected(): void;
  /** The bytes are valid until it returns. */
  onData(bytes: Uint8Array): void;
  onClosed(reason: Error): void;
}

/** One connection, from the moment it is dialled. */
export interface Transport {
  /** Only after `onConnected`, and one at a time: the bytes belong to the transport until `onWritten`. */
  write(bytes: Uint8Array, onWritten: () => void): void;
  /** Ends it at once, without `onClosed`. */
  destroy(): void;
}

/** Where to dial, by name: each dialling resolves it anew. */
export interface DialTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * The world outside the client: clock, timers, chance, connections. Programs take the one of
 * Node.js; tests and simulations bring their own.
 */
export interface Runtime {
  /** Monotonic, in ms. */
  nowMs(): number;
  /** Since 1970. */
  wallMs(): number;
  setTimer(onTime: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
  /** At the end of this turn of the event loop, so that what is sent meanwhile goes out with it. */
  defer(work: () => void): void;
  /** In [0, 1). */
  random(): number;
  /** A name that nobody else has, as RFC 9562 writes them. */
  uuid(): string;
  dial(target: DialTarget, handlers: TransportHandlers): Transport;
}
