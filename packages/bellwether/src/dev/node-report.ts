import type { ServerStatus, SocketAddress } from '../server/server.ts';

/** What a node tells `bellwether dev` over the channel between parent and child. */
export interface NodeReport extends ServerStatus {
  readonly type: 'report';
  readonly clientAddress: SocketAddress;
}

/** Whether a message of a child is one; its fields come from our own program and are not checked. */
export function isNodeReport(message: unknown): message is NodeReport {
  return typeof message === 'object' && message !== null && 'type' in message
    ? message.type === 'report'
    : false;
}
