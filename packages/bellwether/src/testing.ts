/** The service of a node without its sockets and timers, for the simulator. */
export type { LogFields, Logger } from './logger.ts';
export type { ClientSocket } from './server/client-socket.ts';
export { encodeExpiry, readExpiry, type Expiry } from './server/expiry-command.ts';
export { SERVER_LIMITS } from './server/limits.ts';
export type { ServerSettings } from './server/server-settings.ts';
export { ZookeeperServer } from './server/zookeeper-server.ts';
export type { ZookeeperServerOptions } from './server/zookeeper-server-options.ts';
