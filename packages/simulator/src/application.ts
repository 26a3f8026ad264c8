import type { Consensus, Service } from '@bellwether/cluster';
import type { NodeId } from '@bellwether/raft';
import type { Wellness } from './invariants/stable-leader.ts';
import type { SimulatedNode } from './node/simulated-node.ts';
import type { RandomSource } from './random.ts';
import type { ClusterSettings } from './settings.ts';
import type { SimulatedThread } from './thread.ts';
import type { World } from './world.ts';

/** Where a service runs: its node's clocks, and the service thread of one process. */
export interface ServicePlace {
  readonly nodeId: NodeId;
  /** With whom the cluster is founded. */
  readonly members: readonly NodeId[];
  readonly thread: SimulatedThread;
  readonly random: RandomSource;
  /** Monotonic, as fast as the machine's clock runs. */
  nowMs(): number;
  /** Since 1970, as the machine's wall clock has it. */
  wallMs(): number;
  /** Runs `action` on the service thread every `intervalMs` until the returned function is called. */
  every(intervalMs: number, action: () => void): () => void;
  note(text: string): void;
}

/** A service that can be run here: its whole state has a digest, equal where the state is. */
export interface SimulatedService extends Service {
  digest(): string;
  /** What it may ask of the consensus thread; called once, before anything else. */
  attach?(consensus: Consensus): void;
  /** Its process has ended. Kernels close its connections at once, unless the power is gone too. */
  onProcessEnded?(how: 'kill' | 'power'): void;
}

/** What those who use the cluster can reach of it. */
export interface Stage {
  readonly world: World;
  readonly settings: ClusterSettings;
  readonly nodes: readonly SimulatedNode[];
  readonly wellness: Wellness;
  readonly random: RandomSource;
}

/** What clients asked for, by what they know of it. */
export interface OperationCounts {
  readonly done: number;
  readonly failed: number;
  readonly indeterminate: number;
}

/** Those who use what is replicated, and judge what they were told. */
export interface Clients {
  start(): void;
  /** Everything is healed: each asks once more, so that there is something to wait for. */
  finish(): void;
  /** What somebody still waits for, in words; empty when all is well. */
  whatIsStuck(): readonly string[];
  /** Judges all that was heard, when nobody waits for anything any more. Throws a Violation. */
  check(): void;
  readonly counts: OperationCounts;
  /** Those who use the node ask for so much at once. */
  press(node: SimulatedNode, count: number): void;
  /** Connections of clients to the node break. */
  evict?(node: SimulatedNode): void;
  /** Breaks something between clients and nodes; returns false where there is nothing to break. */
  disturb?(random: RandomSource): boolean;
}

/** What is replicated, and who uses it. */
export interface Application {
  readonly name: string;
  /** The service of one process. */
  createService(place: ServicePlace): SimulatedService;
  createClients(stage: Stage): Clients;
}
