import { NO_NODE, type NodeId, type RaftNode } from '@bellwether/raft';
import type { Transport } from '../transport/transport.ts';
import type { ServicePort } from './service-port.ts';

interface Owner {
  readonly id: NodeId;
  readonly core: RaftNode;
  readonly transport: Transport;
}

/** What one service says to that of the leader, or of all other members; dropped when there is none. */
export function sendServiceMessage(
  owner: Owner,
  service: ServicePort,
  whom: 'leader' | 'peers',
  bytes: Uint8Array,
): void {
  const { leaderId, membership } = owner.core;
  if (whom === 'leader') {
    if (leaderId === owner.id) service.onMessage(owner.id, bytes);
    else if (leaderId !== NO_NODE) send(owner, leaderId, bytes);
    return;
  }
  const { voters, votersOutgoing, learners } = membership;
  for (const to of new Set([...voters, ...votersOutgoing, ...learners])) {
    if (to !== owner.id) send(owner, to, bytes);
  }
}

function send({ id: from, transport }: Owner, to: NodeId, bytes: Uint8Array): void {
  transport.send({ type: 'ServiceMessage', from, to, bytes });
}
