/* What operators do, at a bad time. */
import { removeMember, replaceMember } from '../nodes/members.ts';
import { PORTS } from '../nodes/node-config.ts';
import { NOTHING_TO_HEAL, type Begin } from './scene.ts';

export const transfer: Begin = async ({ cluster }) => {
  const leader = await cluster.findLeader();
  if (leader !== undefined) {
    const admin = `127.0.0.1:${PORTS.admin}`;
    await cluster.commandOn(leader, 'transfer', '--admin', admin, '--timeout', '5000');
  }
  return NOTHING_TO_HEAL;
};

export const members: Begin = async ({ cluster, node, isOver }) => {
  const excuseOver = node.excuse();
  const isRemoved = await removeMember(cluster, node);
  if (isRemoved && !isOver()) await replaceMember(cluster, node);
  excuseOver();
  return NOTHING_TO_HEAL;
};
