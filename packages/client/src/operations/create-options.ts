import {
  CreateMode,
  OPEN_ACL,
  type Acl,
  type CreateRequest,
  type CreateTtlRequest,
} from '@bellwether/protocol';
import { ClientError } from '../errors.ts';
import { toBytes } from './results.ts';

/** How long a znode lives. */
export type CreateKind =
  /** Until it is deleted. */
  | 'persistent'
  /** As long as the session. It has no children. */
  | 'ephemeral'
  /** Until its last child is gone for a while. Servers from 3.5.3 on. */
  | 'container';

/** What a new znode is. */
export interface ZnodeOptions {
  /** Default: persistent. */
  readonly kind?: CreateKind;
  /** The server appends a number of ten digits that grows with each child. Default: false. */
  readonly sequential?: boolean;
  /**
   * Persistent only: the znode goes when it was neither changed nor had children for so long.
   * Servers from 3.5.3 on, with `extendedTypesEnabled`.
   */
  readonly ttlMs?: number;
  /** Default: everybody may do everything. */
  readonly acls?: readonly Acl[];
}

/** A znode to be made, as the protocol has it; with a TTL or not. */
export type CreateQuery = CreateRequest | CreateTtlRequest;

/** Throws `badArguments` for a combination that the protocol does not have. */
export function createQuery(
  path: string,
  data: Uint8Array | string | null,
  options: ZnodeOptions,
): CreateQuery {
  const flags = createFlags(path, options);
  const query = { path, data: toBytes(data), acls: options.acls ?? OPEN_ACL, flags };
  return options.ttlMs === undefined ? query : { ...query, ttlMs: options.ttlMs };
}

function createFlags(path: string, options: ZnodeOptions): CreateMode {
  const { kind = 'persistent', sequential = false, ttlMs } = options;
  if (ttlMs !== undefined && kind !== 'persistent') {
    throw new ClientError('badArguments', { path, message: `a ${kind} znode has no TTL` });
  }
  switch (kind) {
    case 'persistent':
      if (ttlMs !== undefined) {
        return sequential ? CreateMode.persistentSequentialWithTtl : CreateMode.persistentWithTtl;
      }
      return sequential ? CreateMode.persistentSequential : CreateMode.persistent;
    case 'ephemeral':
      return sequential ? CreateMode.ephemeralSequential : CreateMode.ephemeral;
    case 'container':
      if (!sequential) return CreateMode.container;
      throw new ClientError('badArguments', { path, message: 'no container is sequential' });
    default:
      kind satisfies never;
      throw new ClientError('badArguments', { path, message: `there is no kind ${String(kind)}` });
  }
}
