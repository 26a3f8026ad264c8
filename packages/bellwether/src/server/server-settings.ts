/** What the client side of a node needs to know of the configuration. */
export interface ServerSettings {
  /** Where to listen; undefined: on every interface. */
  readonly clientAddress: string | undefined;
  /** 0: any free port. */
  readonly clientPort: number;
  /** Session timeouts are negotiated into [sessionTimeoutMsMin, sessionTimeoutMsMax]. */
  readonly sessionTimeoutMsMin: number;
  readonly sessionTimeoutMsMax: number;
  /** ZooKeeper's maxClientCnxns; 0: no limit. */
  readonly connectionsPerAddressMax: number;
  /** ZooKeeper's maxCnxns; 0: no limit. */
  readonly connectionsMax: number;
  /** Four-letter words that are answered (ZooKeeper's 4lw.commands.whitelist). */
  readonly fourLetterWords: readonly string[];
  /** ZooKeeper's jute.maxbuffer: a longer frame closes its connection. */
  readonly frameBytesMax: number;
}
