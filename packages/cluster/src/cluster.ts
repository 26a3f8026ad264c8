import { randomInt } from 'node:crypto';
import type { LogIndex, NodeId, RequestId } from '@bellwether/raft';
import { assert } from './assert.ts';
import { ClusterError } from './errors.ts';
import { checkOptions, completeTiming } from './options.ts';
import type { FailoverReport } from './failover/failover-history.ts';
import type { LogRetention } from './driver/snapshot-taker.ts';
import { memberOf } from './membership/founding.ts';
import type { Member, Members } from './membership/members.ts';
import type { Consensus, Leadership, NodeStatus } from './service.ts';
import type { StateMachine } from './state-machine.ts';
import { StateMachineService } from './state-machine-service.ts';
import { ConsensusClient } from './thread/consensus-client.ts';
import type { ConsensusMember, ConsensusTiming } from './thread/messages.ts';
import type { ListenAddress } from './transport/tcp-transport.ts';

export interface ClusterOptions {
  /** This node; one of `peers`. */
  readonly id: NodeId;
  /**
   * The members with which the cluster is founded, this node among them, and the addresses at which
   * they listen for each other. Later the members are those that the log names (see `addNode`).
   */
  readonly peers: readonly ConsensusMember[];
  /**
   * 'joins' on a node that is new in a cluster that runs: it begins with nothing, and waits until
   * `addNode` was called for it elsewhere. 'founds' when absent.
   */
  readonly start?: 'founds' | 'joins';
  /** Where this node keeps its log and snapshots; created when missing. */
  readonly dataDir: string;
  readonly stateMachine: StateMachine;
  /** Guards against joining the wrong cluster; the same on all nodes. 'bellwether' when absent. */
  readonly clusterId?: string;
  readonly timing?: Partial<ConsensusTiming>;
  /**
   * A voter that has not been there for so long is removed by itself, if all others are and they are
   * three at least; never when absent. The same on all nodes.
   */
  readonly removeDeadAfterMs?: number;
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
  // Without a port it has no peers, and never will have.
  return options.peers.find((peer) => peer.id === options.id && peer.port > 0);
}

/** One member of a cluster, inside this process. */
export class Cluster {
  readonly #consensus: Consensus;
  readonly #service: StateMachineService;
  /** As the last answer said, which may be ahead of the status. */
  #newestMembers: Members | undefined;

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
        start: options.start ?? 'founds',
        listenOn: ownAddress(options),
        dataDirectory: options.dataDir,
        incarnation: newIncarnation(),
        timing: completeTiming(options.timing),
        retention: options.retention,
        removeDeadAfterMs: options.removeDeadAfterMs,
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

  /** The members as the newest entry of the log names them; undefined on a node that has yet to join. */
  get members(): Members | undefined {
    const { members } = this.#consensus.status;
    const newest = this.#newestMembers;
    const isNewer = newest !== undefined && newest.version > (members?.version ?? -1);
    return isNewer ? newest : members;
  }

  /**
   * Makes a node a member, or gives a member another address, role, priority or note. A new voter
   * begins as a learner and votes once it has kept up for two seconds; start it with `start: 'joins'`,
   * before or after this call.
   *
   * @returns the members as decided, which may take a while to come about in full
   * @throws ClusterError MEMBERS_REFUSED with the reason, STOPPED
   */
  addNode(node: ConsensusMember): Promise<Members> {
    return this.#changeMembers((members) => [
      ...members.filter(({ id }) => id !== node.id),
      memberOf(node),
    ]);
  }

  /**
   * Takes a node out of the cluster, the leader and this node included. It should be stopped then.
   *
   * @returns the members as decided
   * @throws ClusterError MEMBERS_REFUSED with the reason, STOPPED
   */
  removeNode(id: NodeId): Promise<Members> {
    return this.#changeMembers((members) => members.filter((member) => member.id !== id));
  }

  async #changeMembers(
    change: (members: readonly Member[]) => readonly Member[],
  ): Promise<Members> {
    let current = this.members;
    if (current === undefined) {
      throw new ClusterError('MEMBERS_REFUSED', 'this node is no member yet: ask one that is');
    }
    for (;;) {
      const wish = { ifVersion: current.version, members: change(current.members) };
      const outcome = await this.#service.waitForMembers(() => this.#consensus.changeMembers(wish));
      current = this.#newestMembers = outcome.members;
      if (outcome.outcome === 'changed') return current;
      // Others were faster: this wish is about one node, whatever they wished for.
      if (outcome.reason === 'versionMismatch') continue;
      throw new ClusterError('MEMBERS_REFUSED', outcome.message);
    }
  }

  /** Leaves the cluster as a process would that is stopped; the data stays. */
  async stop(): Promise<void> {
    await this.#consensus.stop();
    this.#service.rejectAll(new ClusterError('STOPPED', 'this node was stopped'));
  }
}
