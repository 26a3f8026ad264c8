import type { NodeId } from '@bellwether/raft';
import type { LogSettings } from './logger.ts';
import type { DigestConfig } from './server/digest-scheme.ts';

/** Where to listen. `address` undefined: on every interface. */
export interface ListenConfig {
  readonly address: string | undefined;
  /** 0: any free port. */
  readonly port: number;
}

/** Where operators ask by HTTP. */
export interface AdminConfig extends ListenConfig {
  readonly address: string;
  /** Path below which the commands are; starts with a slash and does not end with one. */
  readonly commandPath: string;
  /** From where the node may be told to do something: only from this machine, from anywhere, never. */
  readonly changes: 'local' | 'anywhere' | 'nowhere';
}

/** A member of the cluster as the settings name it; this node is among them. */
export interface MemberConfig {
  readonly id: NodeId;
  readonly kind: 'voter' | 'learner';
  /** Name or address under which the other nodes reach it. */
  readonly host: string;
  /** Port for the other nodes; 0 when it is the only member. */
  readonly port: number;
  /** Only for reports (`stat`, `/zookeeper/config`); undefined when the settings don't say. */
  readonly clientPort: number | undefined;
  /** The same; every address when there is none. */
  readonly clientAddress?: string | undefined;
  /** ZooKeeper's second port, kept for those who wrote it; nothing listens there. */
  readonly electionPort?: number | undefined;
  /** Higher leads rather; 0 never of its own accord; 1 when absent. */
  readonly priority?: number | undefined;
}

/** Session timeouts are negotiated into this range. timeoutMsMin <= timeoutMsMax. */
export interface SessionConfig {
  readonly timeoutMsMin: number;
  readonly timeoutMsMax: number;
}

export interface LimitsConfig {
  /** Client connections from one address; 0: no limit of its own. */
  readonly connectionsPerAddressMax: number;
  /** Client connections of this node. */
  readonly connectionsMax: number;
  /** The longest request and the longest reply, in bytes (ZooKeeper's jute.maxbuffer). */
  readonly frameBytesMax: number;
  /** Requests of all connections that may wait (ZooKeeper's globalOutstandingLimit). */
  readonly outstandingMax: number;
  /** Watches that one session may have on this node; 0: no limit. */
  readonly watchesPerSessionMax: number;
  /** Whether the hard limits of quotas stop requests through this node (enforceQuota). */
  readonly quotas: 'enforced' | 'reported';
  /** How often the leader looks for containers and TTL nodes that are to go. */
  readonly containerCheckMs: number;
  /** A container that never had children goes after so long; 0: never. */
  readonly containerNeverUsedMsMax: number;
}

/** The consensus core's clock. heartbeatTicks < electionTicksMin. */
export interface TimingConfig {
  readonly tickMs: number;
  readonly heartbeatTicks: number;
  readonly electionTicksMin: number;
  /** Each election timeout is drawn from [electionTicksMin, electionTicksMin + electionTicksSpread). */
  readonly electionTicksSpread: number;
  /** A silent leader is suspected after a time within these bounds, in ms. silenceMsMin <= silenceMsMax. */
  readonly silenceMsMin: number;
  readonly silenceMsMax: number;
}

/** Everything that a server is started from: complete, checked, paths absolute. */
export interface NodeConfig {
  readonly clusterId: string;
  readonly nodeId: NodeId;
  /** Absolute; created when it is not there. */
  readonly dataDir: string;
  readonly client: ListenConfig;
  /** For the other nodes; undefined when this is the only member. */
  readonly peerListen: ListenConfig | undefined;
  /**
   * In order of their ids, at least this node itself: those with which the cluster begins. Later its log
   * says who they are.
   */
  readonly members: readonly MemberConfig[];
  /** 'joins': the cluster exists, and this node waits until it is made a member. */
  readonly start: 'founds' | 'joins';
  /** After so long a dead voter is removed by itself, where enough are left; undefined: never. */
  readonly removeDeadAfterMs: number | undefined;
  /** Whether clients who may write /zookeeper/config can change the members by reconfig. */
  readonly reconfig: 'refused' | 'allowed';
  /** Whether clients that allow it are served while there is no quorum. */
  readonly readOnly: 'refused' | 'served';
  /** Passwords of scheme digest: the same on all nodes. */
  readonly digest: DigestConfig;
  /** Passwords by name of clients that prove themselves by SASL DIGEST-MD5. */
  readonly saslUsers: ReadonlyMap<string, string>;
  /** The HTTP server for operators; undefined: there is none. */
  readonly admin: AdminConfig | undefined;
  readonly session: SessionConfig;
  readonly limits: LimitsConfig;
  readonly timing: TimingConfig;
  /** Four-letter words that are answered, lower case; the wildcard is already spelled out. */
  readonly fourLetterWords: readonly string[];
  readonly log: LogSettings;
}
