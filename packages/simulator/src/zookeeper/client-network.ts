import type { NodeId } from '@bellwether/raft';
import { Link } from '../network/link.ts';
import { Pipe } from '../network/pipe.ts';
import type { SimulatedNode } from '../node/simulated-node.ts';
import type { RandomSource } from '../random.ts';
import type { World } from '../world.ts';
import { ClientConnection } from './client-connection.ts';
import { ZookeeperService } from './zookeeper-service.ts';

const CUT_MS_MAX = 1_500;

interface Way {
  readonly there: Link;
  readonly back: Link;
}

/** The links between clients and nodes, and what can go wrong with them. */
export class ClientNetwork {
  readonly #world: World;
  readonly #nodes: readonly SimulatedNode[];
  readonly #random: RandomSource;
  readonly #ways = new Map<string, Way>();
  readonly #open = new Set<ClientConnection>();
  readonly #onHeard: (session: number, nodeId: NodeId) => void;

  /** @param onHeard a node has read something from the client of a session */
  constructor(
    world: World,
    nodes: readonly SimulatedNode[],
    random: RandomSource,
    onHeard: (session: number, nodeId: NodeId) => void,
  ) {
    this.#onHeard = onHeard;
    this.#world = world;
    this.#nodes = nodes;
    this.#random = random;
  }

  get nodeIds(): readonly NodeId[] {
    return this.#nodes.map(({ id }) => id);
  }

  /** Connects; exactly one of the two is called, unless nobody answers at all. */
  dial(
    client: number,
    nodeId: NodeId,
    onDone: { up: (connection: ClientConnection) => void; refused: () => void },
  ): void {
    const node = this.#nodes.find(({ id }) => id === nodeId);
    const { there, back } = this.#way(client, nodeId);
    const isMachineUp = (): boolean => node?.process !== undefined;
    new Pipe(this.#world, there).send(() => {
      const answer = new Pipe(this.#world, back);
      const process = node?.process;
      if (process === undefined) return answer.send(onDone.refused);
      const { service: thread } = process;
      const connection = new ClientConnection({
        ...{ world: this.#world, there, back, thread, isMachineUp },
        random: this.#random,
        clientAddress: `10.0.0.${client % 250}`,
        onHeard: (session) => this.#onHeard(session, nodeId),
      });
      this.#open.add(connection);
      const { service } = process.host;
      if (!(service instanceof ZookeeperService)) throw new Error('clients speak to ZooKeeper');
      thread.run(() => service.accept(connection.socket));
      answer.send(() => onDone.up(connection));
    });
  }

  /** Breaks a connection, or cuts some ways for a while. */
  disturb(random: RandomSource): void {
    if (random.chance(0.4)) return this.#breakOne(random);
    const ways = [...this.#ways.values()];
    const share = random.pick([0.1, 0.3, 1]);
    const links = ways
      .filter(() => random.chance(share))
      .flatMap(({ there, back }) => random.pick([[there], [back], [there, back]]));
    this.#world.note(`clients: ${links.length} links cut`);
    for (const link of links) link.cut();
    this.#world.after(random.range(10, CUT_MS_MAX), () => {
      for (const link of links) link.heal();
    });
  }

  healAll(): void {
    for (const { there, back } of this.#ways.values()) {
      there.heal();
      back.heal();
    }
  }

  #breakOne(random: RandomSource): void {
    for (const connection of this.#open) if (!connection.isOpen) this.#open.delete(connection);
    if (this.#open.size === 0) return;
    this.#world.note('clients: a connection breaks');
    random.pick([...this.#open]).lose();
  }

  #way(client: number, nodeId: NodeId): Way {
    const key = `${client}-${nodeId}`;
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    const way = {
      there: new Link(client, nodeId, this.#random.fork(`${key} there`)),
      back: new Link(nodeId, client, this.#random.fork(`${key} back`)),
    };
    this.#ways.set(key, way);
    return way;
  }
}
