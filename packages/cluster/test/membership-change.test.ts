import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeId } from '@bellwether/raft';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClusterOptions, RestoreSink, StateMachine } from '@bellwether/cluster';
import { Cluster } from '@bellwether/cluster';
import { freePorts, Signal, temporaryDirectory } from './support.ts';

/** Counts what it is given. */
class Counter implements StateMachine<Uint8Array, Uint8Array> {
  count = 0;
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  apply(): Uint8Array {
    this.count += 1;
    this.#onChange();
    return Uint8Array.of(this.count);
  }

  snapshot(): Iterable<Uint8Array> {
    return [Uint8Array.of(this.count)];
  }

  restore(): RestoreSink {
    return {
      write: ([count]) => (this.count = count ?? 0),
      end: this.#onChange,
    };
  }
}

interface Node {
  readonly id: NodeId;
  readonly cluster: Cluster<Uint8Array, Uint8Array>;
  readonly counter: Counter;
}

/** `founders` nodes, from `first` on, found a cluster; the others are known to the test alone. */
async function fixture(founders: number, more: number, first: NodeId = 1) {
  const directory = temporaryDirectory();
  const ports = await freePorts(founders + more);
  const all = ports.map((port, at) => ({ id: at + 1, host: '127.0.0.1', port }));
  const founding = all.slice(first - 1, first - 1 + founders);
  const signal = new Signal();
  const events: string[] = [];
  const start = async (
    id: NodeId,
    options: Partial<ClusterOptions<Uint8Array, Uint8Array>> = {},
  ): Promise<Node> => {
    const counter = new Counter(signal.changed);
    const cluster = await Cluster.start({
      id,
      peers: founding,
      dataDir: join(directory, `${id}`),
      stateMachine: counter,
      onLeadership: signal.changed,
      onEvent: (text) => {
        events.push(`${id}: ${text}`);
        signal.changed();
      },
      ...options,
    });
    onTestFinished(() => cluster.stop());
    return { id, cluster, counter };
  };
  const found = () => Promise.all(founding.map(({ id }) => start(id)));
  const joining = (id: NodeId) => start(id, { start: 'joins', peers: all });
  const seen = (text: string | RegExp) =>
    signal.until(() =>
      events.some((event) => (typeof text === 'string' ? event.includes(text) : text.test(event))),
    );
  return { all, start, found, joining, signal, seen, events };
}

const propose = (node: Node | undefined): Promise<unknown> =>
  node?.cluster.propose(Uint8Array.of(1)) ?? Promise.reject(new Error('there is no such node'));

const addressOf = (all: readonly { id: number; host: string; port: number }[], id: NodeId) =>
  all.find((one) => one.id === id) ?? { id, host: '', port: 0 };

describe('a cluster that grows and shrinks while it runs', () => {
  it('takes in a node, which votes once it has kept up', async () => {
    const { all, found, joining, seen, signal } = await fixture(1, 2);
    const [one] = await found();
    await propose(one);
    const two = await joining(2);
    const decided = await one?.cluster.addNode(addressOf(all, 2));
    expect(decided?.members.map(({ id, role }) => [id, role])).toEqual([
      [1, 'voter'],
      [2, 'voter'],
    ]);
    await seen('the membership goes on to voters 1, 2, learners none');
    const three = await joining(3);
    await two.cluster.addNode({ ...addressOf(all, 3), role: 'learner' });
    await Promise.all([propose(one), propose(two), propose(three)]);
    await signal.until(() => [one, two, three].every((node) => node?.counter.count === 4));
    await seen(/members as of version \d+: 1 \(voter.* 2 \(voter.* 3 \(learner/);
  });

  it('loses the node that leads, and one more, without losing a command', async () => {
    const { found, signal, seen } = await fixture(3, 0);
    const nodes = await found();
    await Promise.all(nodes.map(propose));
    const leader = nodes.find(({ cluster }) => cluster.leadership.role === 'leader');
    const rest = nodes.filter((node) => node !== leader);
    const load = rest.flatMap((node) => Array.from({ length: 50 }, () => propose(node)));
    await rest[0]?.cluster.removeNode(leader?.id ?? 0);
    await Promise.all(load);
    await seen(`${leader?.id}: node`);
    await signal.until(() => rest.some(({ cluster }) => cluster.leadership.role === 'leader'));
    const last = rest.find(({ cluster }) => cluster.leadership.role === 'leader');
    const other = rest.find((node) => node !== last);
    await last?.cluster.removeNode(other?.id ?? 0);
    await propose(last);
    expect(last?.counter.count).toBe(104);
  });

  it('replaces a dead node: the dead one counts until the new one has kept up', async () => {
    const { all, found, joining, seen, start } = await fixture(3, 1);
    const nodes = await found();
    await Promise.all(nodes.map(propose));
    const [one, two, dead] = nodes;
    await dead?.cluster.stop();
    await one?.cluster.addNode(addressOf(all, 4));
    await one?.cluster.removeNode(3);
    const { raft } = one?.cluster.status ?? {};
    expect(raft?.membership.voters).toEqual([1, 2, 3]);
    const four = await joining(4);
    await seen('the membership goes on to voters 1, 2, 4, learners none');
    await seen('the members are as decided');
    // Now two of the three are enough again, whoever they are.
    await two?.cluster.stop();
    await Promise.all([propose(one), propose(four)]);
    const again = await start(2);
    await propose(again);
    expect(again.counter.count).toBe(6);
  });

  it.each<[string, NodeId, NodeId, NodeId]>([
    ['a higher id', 4, 1, 1],
    ['a lower id', 1, 4, 2],
  ])(
    'brings up a member that was away while the one joined that leads now, under %s',
    { timeout: 60_000 },
    async (_what, newcomer, away, first) => {
      const { all, start, found, joining, signal, seen } = await fixture(3, 1, first);
      const nodes = await found();
      const absent = nodes.find(({ id }) => id === away)!;
      const [one, two] = nodes.filter(({ id }) => id !== away) as [Node, Node];
      await propose(absent);
      await absent.cluster.stop();
      await signal.until(() => [one, two].some(({ cluster }) => cluster.leadership.isServing));
      const fourth = await joining(newcomer);
      const { version } = await one.cluster.addNode(addressOf(all, newcomer));
      await seen(`the members are as decided in version ${version}`);
      const leads = (): boolean => fourth.cluster.leadership.role === 'leader';
      while (!leads()) {
        for (const { cluster } of [one, two]) {
          cluster.transferLeadership(newcomer).catch(() => undefined);
        }
        await Promise.race([signal.until(leads), sleep(500)]);
      }
      await propose(one);
      // Of the newcomer it knows neither from its settings nor from its log.
      const back = await start(away);
      await signal.until(() => back.counter.count === 2);
      await two.cluster.stop();
      await propose(one);
      await signal.until(() => back.counter.count === 3);
    },
  );

  it('removes a voter that is dead for long, where it was told to, and no further', async () => {
    const { start, all, seen, events } = await fixture(4, 0);
    const options = { removeDeadAfterMs: 300 };
    const nodes = await Promise.all(all.map(({ id }) => start(id, options)));
    await Promise.all(nodes.map(propose));
    const [first, second, ...rest] = nodes;
    await first?.cluster.stop();
    await seen('node 1 is removed: it has been dead for too long');
    await seen('the members are as decided');
    await second?.cluster.stop();
    await Promise.all(rest.map(propose));
    expect(events).toContainEqual(
      expect.stringMatching(/members as of version \d+: 2 \(.* 3 \(.* 4 \(/) as string,
    );
    expect(events.filter((event) => event.includes('is removed'))).toHaveLength(1);
  });

  it('refuses what can not be, and says why', async () => {
    const { all, found, seen } = await fixture(3, 2);
    const nodes = await found();
    await Promise.all(nodes.map(propose));
    const [one] = nodes;
    const refused = (message: RegExp) => ({
      code: 'MEMBERS_REFUSED',
      message: expect.stringMatching(message) as string,
    });
    const same = { ...addressOf(all, 1), id: 4 };
    await expect(one?.cluster.addNode(same)).rejects.toMatchObject(refused(/nodes 1 and 4 have/));
    const nobody = { ...addressOf(all, 1), priority: -1 };
    await expect(one?.cluster.addNode(nobody)).rejects.toMatchObject(refused(/priority -1/));
    const leader = nodes.find(({ cluster }) => cluster.leadership.role === 'leader');
    const [gone, left] = nodes.filter((node) => node !== leader);
    await gone?.cluster.stop();
    await seen(`${leader?.id}: lost node ${gone?.id}`);
    const learner = { ...addressOf(all, left?.id ?? 0), role: 'learner' as const };
    await expect(left?.cluster.addNode(learner)).rejects.toMatchObject(
      refused(/no majority is alive/),
    );
    await propose(left);
  });
});
