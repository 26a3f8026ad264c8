import type { NodeId } from '@bellwether/raft';
import type { MemberConfig, TimingConfig } from '../node-config.ts';
import type { DigestConfig } from './digest-scheme.ts';

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
  /** ZooKeeper's jute.maxbuffer: a longer frame closes its connection, a longer reply is an error. */
  readonly frameBytesMax: number;
  /** ZooKeeper's globalOutstandingLimit. */
  readonly outstandingMax: number;
  /** Watches of one session on this node; 0: no limit. */
  readonly watchesPerSessionMax: number;
  /** Whether the hard limits of quotas stop requests through this node (enforceQuota). */
  readonly quotas: 'enforced' | 'reported';
  /** How often the leader looks for containers and TTL nodes that are to go. */
  readonly containerCheckMs: number;
  /** A container that never had children goes after so long; 0: never. */
  readonly containerNeverUsedMsMax: number;
  /** Whether clients that allow it are served from this node's state while there is no quorum. */
  readonly readOnly: 'refused' | 'served';
  /** Whether clients who may write /zookeeper/config can change the members (reconfigEnabled). */
  readonly reconfig: 'refused' | 'allowed';
  /** Passwords of scheme digest. */
  readonly digest: DigestConfig;
  /** Passwords by name of those who may prove themselves by SASL DIGEST-MD5. */
  readonly saslUsers: ReadonlyMap<string, string>;
  /** What `conf` tells besides. */
  readonly node: NodeFacts;
}

/** What a node knows of itself and its cluster, for reports. */
export interface NodeFacts {
  readonly nodeId: NodeId;
  readonly dataDir: string;
  /** Those with which the cluster began. */
  readonly members: readonly MemberConfig[];
  readonly timing: TimingConfig;
}
