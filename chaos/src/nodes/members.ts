import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@bellwether/client';
import { POLL_MS } from '../limits.ts';
import type { ChaosCluster } from './chaos-cluster.ts';
import type { ChaosNode } from './chaos-node.ts';
import { PORTS, SUPER_USER } from './node-config.ts';

const ANSWER_MS_MAX = 5_000;

/** Takes a node out, by `bellwether members remove`. @returns whether the cluster has said that it is done */
export async function removeMember(cluster: ChaosCluster, { id }: ChaosNode): Promise<boolean> {
  return (await command(cluster, 'remove', String(id))) === 0;
}

/**
 * Takes a node in that is no member any more: it begins with nothing. Its data is wiped only when it is
 * out for certain, and while it is stopped, so that it can't have been taken in meanwhile: what a voter has
 * promised must not be forgotten.
 *
 * @returns whether the cluster has said that it is a member
 */
export async function replaceMember(cluster: ChaosCluster, node: ChaosNode): Promise<boolean> {
  if (node.isPaused) node.resume();
  const mayStart = node.keepDown();
  await node.stop();
  const members = await currentMembers(cluster);
  const isOut = members !== undefined && !members.includes(node.id);
  if (isOut) node.configure(cluster.addresses, 'newcomer');
  mayStart();
  node.start();
  return isOut && (await addMember(cluster, node));
}

async function addMember(cluster: ChaosCluster, { id, address }: ChaosNode): Promise<boolean> {
  const client = ['--client', `${address}:${PORTS.client}`];
  return (await command(cluster, 'add', String(id), `${address}:${PORTS.peer}`, ...client)) === 0;
}

/** `bellwether members ...` as the super user. @returns its exit code */
async function command(cluster: ChaosCluster, ...args: readonly string[]): Promise<number> {
  const who = ['--auth', SUPER_USER, '--server', cluster.servers];
  const { code } = await cluster.command(
    ...['members', ...args, ...who, '--timeout', String(ANSWER_MS_MAX)],
  );
  return code;
}

/** Ids of the members, behind a sync: none that was decided before is missing. undefined: nobody says. */
async function currentMembers({ servers }: ChaosCluster): Promise<readonly number[] | undefined> {
  const client = new Client(servers, { requestTimeoutMs: ANSWER_MS_MAX });
  try {
    await client.sync();
    const { data } = await client.getConfig();
    return Array.from(data.toString().matchAll(/^server\.(\d+)=/gm), ([, id]) => Number(id));
  } catch {
    return undefined;
  } finally {
    await client.close();
  }
}

/**
 * Once all is healed: whoever is no member becomes one again.
 *
 * @returns what is not as it should be when the time is up; undefined when all are members
 */
export async function restoreMembers(
  cluster: ChaosCluster,
  untilMs: number,
): Promise<string | undefined> {
  const replaced = new Set<ChaosNode>();
  let members: readonly number[] | undefined;
  while (performance.now() < untilMs) {
    members = await currentMembers(cluster);
    const missing = cluster.nodes.filter(({ id }) => members?.includes(id) === false);
    if (members !== undefined && missing.length === 0) return undefined;
    for (const node of missing) {
      const isNew = !replaced.has(node);
      replaced.add(node);
      await (isNew ? replaceMember(cluster, node) : addMember(cluster, node));
    }
    await sleep(POLL_MS);
  }
  return `the members are ${members?.join(', ') ?? 'not known'}`;
}
