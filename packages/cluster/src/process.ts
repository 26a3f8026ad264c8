/* What the first process of a node needs, and nothing else: it stays small. */
export { hostService } from './thread/consensus-process.ts';
export { SERVICE_CHANNEL_FD } from './thread/host-messages.ts';
export type { ServiceCommand, ServiceEnding } from './thread/host-messages.ts';
