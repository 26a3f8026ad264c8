/* What operators do, at a bad time. */
import { addMember, removeMember } from '../nodes/members.ts';
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

/**
 * Its data is wiped only when the cluster has said that it is out: before, a vote that it has given or an entry
 * that it has taken may be needed.
 */
export const members: Begin = async ({ cluster, node, isOver }) => {
  const excuseOver = node.excuse();
  const isRemoved = await removeMember(cluster, node);
  if (isRemoved && !isOver()) await addMember(cluster, node);
  excuseOver();
  return NOTHING_TO_HEAL;
};
