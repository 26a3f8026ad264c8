/** The typed ZooKeeper client. */
export { Client } from './client.ts';
export type { ReadAnswer, ReadQuery, VersionedOptions } from './client.ts';
export type { WatchOptions, WatchStreamOptions } from './watching-client.ts';
export type { ClientEvents } from './client-base.ts';
export type { ConnectionState } from './session/session.ts';
export type { ClientOptions, Credential, RequestOptions, SaslCredential } from './options.ts';
export type { TlsOptions } from './node-runtime.ts';
export type { HostPort } from './connect-string.ts';
export { ClientError, isClientError } from './errors.ts';
export type { ClientErrorCode, ClientErrorDetails } from './errors.ts';
export { TransactionError } from './operations/multi.ts';
export type { CreatedInTransaction, Transaction, VersionOption } from './transaction.ts';
export type { AclsAndStat, ChildrenAndStat, Created, DataAndStat } from './operations/results.ts';
export type { CreateKind, ZnodeOptions } from './operations/create-options.ts';
export type { ReconfigChange } from './operations/reconfig.ts';
export type {
  GapEvent,
  OneShotEvent,
  OnWatch,
  WatchEndEvent,
  WatchEvent,
  ZnodeEvent,
  ZnodeEventType,
} from './watches/events.ts';
export type { WatchStream } from './watches/watch-stream.ts';
export { CREATOR_ALL_ACL, digestAcl } from './acls.ts';
export { OPEN_ACL, Permission, READ_ACL } from '@bellwether/protocol';
export type { Acl, ClientInfo, Stat } from '@bellwether/protocol';
export { joinPath, nameOf, parentOf } from './paths.ts';
export type { DialTarget, Runtime, Transport, TransportHandlers } from './runtime.ts';
