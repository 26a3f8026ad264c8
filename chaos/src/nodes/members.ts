import { setTimeout as sleep } from 'node:timers/promises';
import { POLL_MS } from '../limits.ts';
import type { ChaosCluster } from './chaos-cluster.ts';
import type { ChaosNode } from './chaos-node.ts';
import { PORTS, SUPER_USER } from './node-config.ts';

const COMMAND_TIMEOUT = ['--timeout', '5000'];

/** Takes a node out, by `bellwether members remove`. @returns whether the cluster has said that it is done */
export async function removeMember(cluster: ChaosCluster, node: ChaosNode): Promise<boolean> {
  const auth = ['--auth', SUPER_USER, '--server', cluster.servers];
  const { code } = await cluster.command(
    ...['members', 'remove', String(node.id), ...auth, ...COMMAND_TIMEOUT],
  );
  return code === 0;
}

/** Takes a node in again that was removed: it begins with nothing. */
export async function addMember(cluster: ChaosCluster, node: ChaosNode): Promise<boolean> {
  if (node.isPaused) node.resume();
  await node.stop();
  node.configure(cluster.addresses, 'newcomer');
  node.start();
  return requestMember(cluster, node);
}

async function requestMember(cluster: ChaosCluster, { id, address }: ChaosNode): Promise<boolean> {
  const peer = `${address}:${PORTS.peer}`;
  const client = ['--client', `${address}:${PORTS.client}`];
  const auth = ['--auth', SUPER_USER, '--server', cluster.servers];
  const { code } = await cluster.command(
    ...['members', 'add', String(id), peer, ...client, ...auth, ...COMMAND_TIMEOUT],
  );
  return code === 0;
}

/** Ids of the members as one of the nodes tells them; undefined when none does. */
async function listMembers(cluster: ChaosCluster): Promise<readonly number[] | undefined> {
  const server = ['--server', cluster.servers];
  const { code, output } = await cluster.command(
    ...['members', 'list', '--json', ...server, ...COMMAND_TIMEOUT],
  );
  if (code !== 0) return undefined;
  const { members } = JSON.parse(output) as { readonly members: readonly { id: number }[] };
  return members.map(({ id }) => id);
}

/**
 * Once all is healed: whoever is no member becomes one again.
 *
 * @param strangers nodes that were removed, as far as is known
 * @returns what is not as it should be when the time is up; undefined when all are members
 */
export async function restoreMembers(
  cluster: ChaosCluster,
  untilMs: number,
): Promise<string | undefined> {
  const added = new Set<ChaosNode>();
  let members: readonly number[] | undefined;
  while (performance.now() < untilMs) {
    members = await listMembers(cluster);
    const missing = cluster.nodes.filter(({ id }) => members?.includes(id) === false);
    if (members !== undefined && missing.length === 0) return undefined;
    for (const node of missing) {
      const isNew = !added.has(node);
      added.add(node);
      await (isNew ? addMember(cluster, node) : requestMember(cluster, node));
    }
    await sleep(POLL_MS);
  }
  return `the members are ${members?.join(', ') ?? 'not known'}`;
}
