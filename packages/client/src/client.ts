import {
  CreateMode,
  OpCode,
  type Acl,
  type ClientInfo,
  type MultiReadOperation,
  type Stat,
} from '@bellwether/protocol';
import { WatchingClient, type WatchOptions } from './watching-client.ts';
import { codeOf, ClientError, isClientError } from './errors.ts';
import * as catalogue from './operations/catalogue.ts';
import { createQuery, type ZnodeOptions } from './operations/create-options.ts';
import { deleteTree } from './operations/delete-tree.ts';
import { multiOperation, multiReadOperation } from './operations/multi.ts';
import { reconfigOperation, type ReconfigChange } from './operations/reconfig.ts';
import {
  toBytes,
  type AclsAndStat,
  type ChildrenAndStat,
  type Created,
  type DataAndStat,
} from './operations/results.ts';
import type { ClientOptions, RequestOptions } from './options.ts';
import { joinPath } from './paths.ts';
import { Transaction, type VersionOption } from './transaction.ts';

const CONFIG_PATH = '/zookeeper/config';

/** Of writes that can be made to depend on a version. */
export interface VersionedOptions extends RequestOptions, VersionOption {}

/** What `multiRead` is asked for, and how it answers one part. */
export interface ReadQuery {
  readonly read: 'data' | 'children';
  readonly path: string;
}
export type ReadAnswer =
  | ({ readonly read: 'data' } & DataAndStat)
  | { readonly read: 'children'; readonly children: readonly string[] }
  | { readonly read: 'error'; readonly error: ClientError };

/**
 * A client of a ZooKeeper ensemble or a Bellwether cluster.
 *
 * All operations may be called at any time and at once: they are sent in the order of the calls,
 * without waiting for each other, and answered in that order. Those called while there is no
 * connection wait for one. When a connection breaks, reads that were under way are sent again;
 * writes reject with `connectionLoss` and `indeterminate`, since they may have been executed. When
 * the session is lost, what was waiting rejects with `sessionExpired`, and a new session begins.
 *
 * All reject with `ClientError`.
 */
export class Client extends WatchingClient {
  /**
   * A client with a session. Rejects with `cannotConnect`, `closed` (a proof was refused) or
   * `aborted`, and leaves nothing behind.
   *
   * @param servers `host:port,host:port/chroot`
   * @param options with `signal`: ends the waiting
   */
  static async connect(
    servers: string,
    options: ClientOptions & Pick<RequestOptions, 'signal'> = {},
  ): Promise<Client> {
    const { signal } = options;
    const client = new Client(servers, options);
    try {
      await client.connected(signal === undefined ? {} : { signal });
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** Makes a znode. Its parent must be there. */
  create(
    path: string,
    data: Uint8Array | string | null = null,
    options: ZnodeOptions & RequestOptions = {},
  ): Promise<Created> {
    return this.send(() => {
      const query = createQuery(this.chroot.outside(path), data, options);
      if ('ttlMs' in query) {
        return this.request({ operation: catalogue.createTtlOperation, query, path }, options);
      }
      const isContainer = query.flags === CreateMode.container;
      const operation = isContainer
        ? catalogue.createContainerOperation
        : catalogue.createOperation;
      return this.request({ operation, query, path }, options);
    });
  }

  /** Makes a znode and the persistent ones above it, where they are missing. */
  async ensurePath(path: string, options: ZnodeOptions & RequestOptions = {}): Promise<void> {
    const { acls, ...request } = options;
    const whose = acls === undefined ? {} : { acls };
    this.chroot.outside(path);
    let at = '/';
    for (const name of path === '/' ? [''] : path.split('/')) {
      if (name !== '') at = joinPath(at, name);
      // The root is missing only when there is a chroot.
      if (at === '/' && this.chroot.outside('/') === '/') continue;
      const kind = at === path ? request : { ...whose };
      if ((await this.exists(at, request)) !== null) continue;
      await this.#createUnlessThere(at, { ...kind, ...whose });
    }
  }

  /** Deletes a znode without children. */
  delete(path: string, options: VersionedOptions = {}): Promise<void> {
    return this.send(() => {
      const query = { path: this.chroot.outside(path), version: options.version ?? -1 };
      return this.request({ operation: catalogue.deleteOperation, query, path }, options);
    });
  }

  /** Deletes a znode and everything below it; not all at once, and it need not be there. */
  deleteTree(path: string, options: RequestOptions = {}): Promise<void> {
    return deleteTree(this, path, options);
  }

  /** null when there is no such znode; then a watch sees its creation. */
  exists(path: string, options: WatchOptions = {}): Promise<Stat | null> {
    return this.read(catalogue.existsOperation, 'exists', path, options);
  }

  /** The data of a znode. */
  getData(path: string, options: WatchOptions = {}): Promise<DataAndStat> {
    return this.read(catalogue.getDataOperation, 'data', path, options);
  }

  /** Replaces the data of a znode. */
  setData(
    path: string,
    data: Uint8Array | string | null,
    options: VersionedOptions = {},
  ): Promise<Stat> {
    return this.send(() => {
      const version = options.version ?? -1;
      const query = { path: this.chroot.outside(path), data: toBytes(data), version };
      return this.request({ operation: catalogue.setDataOperation, query, path }, options);
    });
  }

  /** The names of the children of a znode. */
  getChildren(path: string, options: WatchOptions = {}): Promise<ChildrenAndStat> {
    return this.read(catalogue.getChildrenOperation, 'children', path, options);
  }

  /** How many znodes there are below one, at every depth. Servers from 3.6 on. */
  getAllChildrenNumber(path: string, options: RequestOptions = {}): Promise<number> {
    return this.send(() => {
      const operation = catalogue.getAllChildrenNumberOperation;
      return this.request({ operation, query: { path: this.chroot.outside(path) }, path }, options);
    });
  }

  /** Paths of the session's ephemerals at and below a path. Servers from 3.6 on. */
  getEphemerals(path = '/', options: RequestOptions = {}): Promise<readonly string[]> {
    return this.send(() => {
      const query = { prefixPath: this.chroot.outside(path) };
      return this.request({ operation: catalogue.getEphemeralsOperation, query, path }, options);
    });
  }

  /** Who may do what with a znode. */
  getAcl(path: string, options: RequestOptions = {}): Promise<AclsAndStat> {
    return this.send(() => {
      const query = { path: this.chroot.outside(path) };
      return this.request({ operation: catalogue.getAclOperation, query, path }, options);
    });
  }

  /** Sets who may do what. `version` is the expected `aversion`. */
  setAcl(path: string, acls: readonly Acl[], options: VersionedOptions = {}): Promise<Stat> {
    return this.send(() => {
      const query = { path: this.chroot.outside(path), acls, version: options.version ?? -1 };
      return this.request({ operation: catalogue.setAclOperation, query, path }, options);
    });
  }

  /** Resolves when the server has caught up with the leader: a read after it sees what was written. */
  sync(path = '/', options: RequestOptions = {}): Promise<void> {
    return this.send(() => {
      const query = { path: this.chroot.outside(path) };
      return this.request({ operation: catalogue.syncOperation, query, path }, options);
    });
  }

  /** Several writes that happen together or not at all. */
  multi(): Transaction {
    return new Transaction({
      chroot: this.chroot,
      submit: (query, options) =>
        this.request({ operation: multiOperation, query, path: undefined }, options),
    });
  }

  /** Several reads in one request, each answered by itself. Servers from 3.6 on. */
  async multiRead(
    reads: readonly ReadQuery[],
    options: RequestOptions = {},
  ): Promise<readonly ReadAnswer[]> {
    const query = reads.map(({ read, path }): MultiReadOperation => {
      const opCode = read === 'data' ? OpCode.getData : OpCode.getChildren;
      return { opCode, path: this.chroot.outside(path) };
    });
    const subject = { operation: multiReadOperation, query, path: undefined };
    const results = await this.request(subject, options);
    return results.map((result, i): ReadAnswer => {
      if (result.opCode === OpCode.getChildren)
        return { read: 'children', children: result.children };
      if (result.opCode === OpCode.getData) {
        return { read: 'data', data: result.data as Buffer, stat: result.stat };
      }
      const about = { operation: 'multiRead', path: reads[i]?.path ?? '', number: result.error };
      return { read: 'error', error: new ClientError(codeOf(result.error), about) };
    });
  }

  /** The identities that the server knows of this session. Servers from 3.7 on. */
  whoAmI(options: RequestOptions = {}): Promise<readonly ClientInfo[]> {
    const subject = { operation: catalogue.whoAmIOperation, query: null, path: undefined };
    return this.request(subject, options);
  }

  /** The ensemble's members, as text; the chroot does not count. */
  getConfig(options: WatchOptions = {}): Promise<DataAndStat> {
    return this.readOutside(catalogue.getDataOperation, 'data', CONFIG_PATH, CONFIG_PATH, options);
  }

  /** Changes the ensemble's members; resolves with the new configuration. */
  reconfig(change: ReconfigChange, options: RequestOptions = {}): Promise<DataAndStat> {
    return this.request(
      { operation: reconfigOperation, query: change, path: CONFIG_PATH },
      options,
    );
  }

  async #createUnlessThere(path: string, options: ZnodeOptions & RequestOptions): Promise<void> {
    try {
      await this.create(path, null, options);
    } catch (error) {
      if (!isClientError(error, 'nodeExists')) throw error;
    }
  }
}
