import type { NodeId } from '@bellwether/raft';
import { assert } from '../assert.ts';
import type { World } from '../world.ts';
import type { ConnectionEnd } from './connection.ts';
import { Link } from './link.ts';
import type { SimulatedTransport } from './simulated-transport.ts';
import type { SnapshotTransfer } from './snapshot-transfer.ts';

/** What befell messages, for the summary. */
export interface TrafficCounts {
  sent: number;
  lost: number;
  doubled: number;
  reordered: number;
  damaged: number;
  resets: number;
  snapshots: number;
  /** What only newer builds know. */
  unknown: number;
}

/** All nodes' links and the transports of the processes that run on them. */
export class Network {
  readonly world: World;
  readonly nodeIds: readonly NodeId[];
  readonly counts: TrafficCounts = {
    sent: 0,
    lost: 0,
    doubled: 0,
    reordered: 0,
    damaged: 0,
    resets: 0,
    snapshots: 0,
    unknown: 0,
  };
  readonly #links = new Map<NodeId, Map<NodeId, Link>>();
  readonly #transports = new Map<NodeId, SimulatedTransport>();
  /** Connections whose machine lost its power: their peers learn of it when it answers again. */
  readonly #orphans = new Map<NodeId, ConnectionEnd[]>();
  readonly #transfers = new Set<SnapshotTransfer>();

  constructor(world: World, nodeIds: readonly NodeId[]) {
    this.world = world;
    this.nodeIds = nodeIds;
    for (const from of nodeIds) {
      const row = new Map<NodeId, Link>();
      this.#links.set(from, row);
      for (const to of nodeIds) {
        row.set(to, new Link(from, to, world.random.fork(`link ${from}>${to}`), () => world.nowMs));
      }
    }
  }

  link(from: NodeId, to: NodeId): Link {
    const link = this.#links.get(from)?.get(to);
    assert(link !== undefined, 'a link goes between two nodes of the network');
    return link;
  }

  /** All links between different nodes. */
  *links(): Iterable<Link> {
    for (const from of this.nodeIds) {
      for (const to of this.nodeIds) if (from !== to) yield this.link(from, to);
    }
  }

  isCutBetween(a: NodeId, b: NodeId): boolean {
    return this.link(a, b).isCut || this.link(b, a).isCut;
  }

  transportOf(nodeId: NodeId): SimulatedTransport | undefined {
    return this.#transports.get(nodeId);
  }

  /** A process is up: its kernel answers for it, also to connections of a run before. */
  onProcessStarted(nodeId: NodeId, transport: SimulatedTransport): void {
    this.#transports.set(nodeId, transport);
    for (const end of this.#orphans.get(nodeId) ?? []) end.tellOther();
    this.#orphans.delete(nodeId);
  }

  /** A process ended. Its kernel closes its connections at once, unless the power is gone too. */
  onProcessEnded(nodeId: NodeId, how: 'kill' | 'power'): void {
    const transport = this.#transports.get(nodeId);
    this.#transports.delete(nodeId);
    const ends = transport?.abandonAll() ?? [];
    for (const transfer of [...this.#transfers]) transfer.onProcessEnded(nodeId);
    if (how === 'power') this.#orphans.set(nodeId, ends);
    else for (const end of ends) end.tellOther();
  }

  /** Breaks the connections between two nodes; each side hears of it at its own time. */
  reset(a: NodeId, b: NodeId): void {
    this.counts.resets += 1;
    this.link(a, b).disturb();
    this.link(b, a).disturb();
    this.#transports.get(a)?.breakConnection(b);
    this.#transports.get(b)?.breakConnection(a);
    for (const transfer of [...this.#transfers]) {
      if (transfer.isBetween(a, b)) transfer.fail();
    }
  }

  addTransfer(transfer: SnapshotTransfer): void {
    this.counts.snapshots += 1;
    this.#transfers.add(transfer);
  }

  removeTransfer(transfer: SnapshotTransfer): void {
    this.#transfers.delete(transfer);
  }
}
