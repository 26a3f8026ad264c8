import type { Stat } from '@bellwether/protocol';
import {
  GroupMembership,
  LeaderElection,
  NodeCache,
  PersistentEphemeral,
  roundRobin,
  ServiceRegistry,
  TreeCache,
  type Registration,
  type ServiceDirectory,
} from '../../recipes/index.ts';
import { pause } from '../../recipes/support/persist.ts';
import type { Role, Stage } from './role.ts';

/** A copy that went back. */
class Regression extends Error {
  constructor(what: string, before: number, after: number) {
    super(`${what} went back from ${before} to ${after}`);
  }
}

/** Looks that what is read anew is never older than what was read before. */
class Forward {
  readonly #what: string;
  #newest = 0;

  constructor(what: string) {
    this.#what = what;
  }

  see({ mzxid }: Pick<Stat, 'mzxid'>): void {
    if (mzxid < this.#newest) throw new Regression(this.#what, this.#newest, mzxid);
    this.#newest = mzxid;
  }
}

function groupRole({ client, index, clients, signal }: Stage): Role {
  const group = new GroupMembership(client, '/group');
  let joined: PersistentEphemeral | undefined;
  return {
    name: 'GroupMembership',
    step: async () => {
      joined ??= await group.join(`client ${index}`, '', { signal });
      const members = await group.members({ timeoutMs: 5_000 });
      if (members.size > clients) throw new Error(`${members.size} members of ${clients}`);
    },
    settled: async () => {
      const { size } = await group.members({ timeoutMs: 5_000 });
      return size === clients ? undefined : `${size} members`;
    },
    end: () => joined?.close({ timeoutMs: 60_000 }),
  };
}

function registryRole({ client, index, clients, random, signal }: Stage): Role {
  const registry = new ServiceRegistry(client, '/services');
  const strategy = roundRobin();
  let registration: Registration | undefined;
  let directory: ServiceDirectory | undefined;
  return {
    name: 'ServiceRegistry',
    step: async () => {
      const self = { id: `instance ${index}`, address: 'here', port: index };
      registration ??= await registry.register('web', self, { signal });
      directory ??= await registry.discover('web', { signal });
      const instance = directory.pick(strategy);
      if (instance !== undefined && instance.address !== 'here') throw new Error('picked nonsense');
      const health = random() < 0.2 ? 'unhealthy' : 'healthy';
      await registration.setHealth(health, { signal, timeoutMs: 30_000 });
    },
    settled: () => {
      const size = directory?.instances.length ?? 0;
      return size === clients ? undefined : `${size} instances`;
    },
    end: async () => {
      directory?.close();
      await registration?.close({ timeoutMs: 60_000 });
    },
  };
}

function cacheRoles({ client, signal }: Stage): readonly Role[] {
  let node: NodeCache | undefined;
  let tree: TreeCache | undefined;
  let ended: Error | undefined;
  const counter = new Forward('the copy of the counter');
  return [
    {
      name: 'NodeCache',
      step: async () => {
        node ??= new NodeCache(client, '/counter');
        await node.ready;
        if (node.current) counter.see(node.current.stat);
      },
      settled: async () => {
        await client.sync('/counter');
        const stat = await client.exists('/counter');
        await pause(client, signal, 300);
        const isNew = (node?.current?.stat.mzxid ?? 0) >= (stat?.mzxid ?? 0);
        return isNew ? undefined : 'an old counter';
      },
      end: () => node?.close(),
    },
    {
      name: 'TreeCache',
      step: async () => {
        const seen = new Map<string, Forward>();
        tree ??= new TreeCache(client, '/group', {
          onChange: (change) => {
            if (change.type === 'deleted') return void seen.delete(change.path);
            const forward = seen.get(change.path) ?? new Forward(change.path);
            seen.set(change.path, forward);
            try {
              forward.see(change.node.stat);
            } catch (error) {
              ended = error as Error;
            }
          },
          onEnd: (error) => {
            if (!signal.aborted) ended = error ?? new Error('the tree ended');
          },
        });
        await tree.ready;
        if (ended !== undefined) throw ended;
      },
      settled: async () => {
        await client.sync('/group');
        const { children } = await client.getChildren('/group');
        const size = (tree?.nodes.size ?? 0) - 1;
        return size === children.length ? undefined : `a tree of ${size} for ${children.length}`;
      },
      end: () => tree?.close(),
    },
  ];
}

function observerRole({ client, signal }: Stage): Role {
  const election = new LeaderElection(client, '/election');
  let newest = 0;
  return {
    name: 'LeaderElection, observe',
    step: async () => {
      const short = new AbortController();
      void pause(client, signal, 2_000).then(() => short.abort());
      for await (const leader of election.observe({ signal: short.signal })) {
        if (leader === null) continue;
        if (leader.fencingToken < newest) {
          throw new Regression('the observed leader', newest, leader.fencingToken);
        }
        newest = leader.fencingToken;
      }
    },
  };
}

function ephemeralRole({ client, index, random }: Stage): Role {
  const path = `/ephemerals/${index}`;
  let node: PersistentEphemeral | undefined;
  let value = 0;
  return {
    name: 'PersistentEphemeral',
    step: async () => {
      node ??= new PersistentEphemeral(client, path, '0');
      await node.setData(String(++value), { timeoutMs: 30_000 });
      // By somebody's hand: it has to come back.
      if (random() < 0.1) await client.delete(path).catch(() => undefined);
    },
    settled: async () => {
      await client.sync(path);
      const stat = await client.exists(path);
      return stat !== null && client.owns(stat) ? undefined : 'no ephemeral of its own';
    },
    end: () => node?.close({ timeoutMs: 60_000 }),
  };
}

/** Who is there, and copies of what there is. */
export function presenceRoles(stage: Stage): readonly Role[] {
  return [
    groupRole(stage),
    registryRole(stage),
    ...cacheRoles(stage),
    observerRole(stage),
    ephemeralRole(stage),
  ];
}
