import { randomInt } from 'node:crypto';
import type { LogIndex, NodeId, RequestId } from '@bellwether/raft';
import { assert } from './assert.ts';
import { ClusterError } from './errors.ts';
import { checkOptions, DEFAULT_TIMING } from './options.ts';
import type { FailoverReport } from './failover/failover-history.ts';
import type { LogRetention } from './driver/snapshot-taker.ts';
import type { Consensus, Leadership, NodeStatus } from './service.ts';
import type { StateMachine } from './state-machine.ts';
import { StateMachineService } from './state-machine-service.ts';
import { ConsensusClient } from './thread/consensus-client.ts';
import type { ConsensusMember, ConsensusTiming } from './thread/messages.ts';
import type { ListenAddress } from './transport/tcp-transport.ts';

export interface ClusterOptions {
  /** This node; one of `peers`. */
  readonly id: NodeId;
  /** All members, this node among them, with the addresses at which they listen for each other. */
  readonly peers: readonly ConsensusMember[];
  /** Where this node keeps its log and snapshots; created when missing. */
  readonly dataDir: string;
  readonly stateMachine: StateMachine;
  /** Guards against joining the wrong cluster; the same on all nodes. 'bellwether' when absent. */
  readonly clusterId?: string;
  readonly timing?: Partial<ConsensusTiming>;
  /** When snapshots are taken and what of the log is kept; DEFAULT_RETENTION when absent. */
  readonly retention?: LogRetention;
  /** Called whenever another node leads, or none, or leadership begins to serve. */
  readonly onLeadership?: (leadership: Leadership) => void;
  /** A line for the log. */
  readonly onEvent?: (text: string) => void;
  /** The node can't go on; its promises are rejected. The process should end. */
  readonly onFatal?: (error: Error) => void;
}

/** A number that no earlier run of the node is likely to have had. */
export const newIncarnation = (): number => randomInt(1, 2 ** 32 - 1);

function ownAddress(options: ClusterOptions): ListenAddress | undefined {
  return options.peers.find((peer) => peer.id === options.id);
}

/** One member of a cluster, inside this process. */
export class Cluster {
  readonly #consensus: Consensus;
  readonly #service: StateMachineService;

  private constructor(consensus: Consensus, service: StateMachineService) {
    this.#consensus = consensus;
    this.#service = service;
  }

  /**
   * Starts this node: opens its data, restores the state machine, connects to the peers.
   *
   * @throws ClusterError BAD_OPTIONS or LISTEN_FAILED; StorageError when the data can't be used
   */
  static async start(options: ClusterOptions): Promise<Cluster> {
    checkOptions(options);
    const service = new StateMachineService(options);
    const consensus = new ConsensusClient(
      {
        id: options.id,
        clusterId: options.clusterId ?? 'bellwether',
        members: options.peers,
        listenOn: options.peers.length === 1 ? undefined : ownAddress(options),
        dataDirectory: options.dataDir,
        incarnation: newIncarnation(),
        timing: { ...DEFAULT_TIMING, ...options.timing },
        retention: options.retention,
      },
      service,
      options.onEvent ?? (() => undefined),
    );
    await consensus.started;
    return new Cluster(consensus, service);
  }

  get id(): NodeId {
    return this.#consensus.nodeId;
  }

  get leadership(): Leadership {
    return this.#service.leadership;
  }

  get status(): NodeStatus {
    return this.#consensus.status;
  }

  /** Every change of leadership that this node has seen since it started, and how long each took. */
  get failovers(): FailoverReport {
    return this.#consensus.failovers;
  }

  /** Index of the newest command that the state machine here has executed. */
  get appliedIndex(): LogIndex {
    return this.#service.appliedIndex;
  }

  /**
   * Asks the cluster to execute `command`, through this node, whoever leads. It is executed exactly
   * once; while there is no leader it waits.
   *
   * @returns what the state machine returned on this node
   * @throws ClusterError STOPPED when this node stops first, OUTCOME_UNKNOWN when it fell so far
   *   behind that a snapshot had to bring it up: the command may or may not have been executed
   */
  propose(command: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#service.wait(() => this.#consensus.propose(command));
  }

  /**
   * Resolves once the state machine here has everything that was acknowledged to anybody before the
   * call: what is read from it then is linearizable (Raft dissertation, section 6.4).
   */
  readBarrier(): Promise<void> {
    return this.#service.waitForRead((): RequestId => this.#consensus.readIndex());
  }

  /** Hands leadership to `target`; nothing happens unless this node leads. */
  transferLeadership(target: NodeId): void {
    assert(target !== 0, 'a node is named');
    this.#consensus.transferLeadership(target);
  }

  /** Leaves the cluster as a process would that is stopped; the data stays. */
  async stop(): Promise<void> {
    await this.#consensus.stop();
    this.#service.rejectAll(new ClusterError('STOPPED', 'this node was stopped'));
  }
}
