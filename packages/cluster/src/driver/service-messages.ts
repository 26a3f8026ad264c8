import { NO_NODE, type NodeId, type RaftNode } from '@bellwether/raft';
import type { Transport } from '../transport/transport.ts';
import { participants } from '../membership/members.ts';
import type { ServicePort } from './service-port.ts';

interface Owner {
  readonly id: NodeId;
  readonly core: RaftNode;
  readonly transport: Transport;
}

/** What one service says to that of the leader, of all other members, or of one; dropped when there is none. */
export function sendServiceMessage(
  owner: Owner,
  service: ServicePort,
  whom: 'leader' | 'peers' | NodeId,
  bytes: Uint8Array,
): void {
  const { leaderId, membership } = owner.core;
  if (whom !== 'peers') {
    const to = whom === 'leader' ? leaderId : whom;
    if (to === owner.id) service.onMessage(owner.id, bytes);
    else if (to !== NO_NODE) send(owner, to, bytes);
    return;
  }
  for (const to of participants(membership)) {
    if (to !== owner.id) send(owner, to, bytes);
  }
}

function send({ id: from, transport }: Owner, to: NodeId, bytes: Uint8Array): void {
  transport.send({ type: 'ServiceMessage', from, to, bytes });
}
