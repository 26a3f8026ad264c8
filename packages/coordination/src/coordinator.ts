import {
  ErrorCode,
  JuteReader,
  Permission,
  ProtocolError,
  type Acl,
  type AddWatchMode,
  type Identity,
  type SetWatches2Request,
  type SetWatchesRequest,
} from '@bellwether/protocol';
import { aclsFor, permits } from './acl-rules.ts';
import { ApplyContext } from './apply-context.ts';
import { assert } from './assert.ts';
import { CommandType } from './command.ts';
import { digestOf, digestText, type DigestValue } from './digest.ts';
import { DigestHistory } from './digest-history.ts';
import { EventQueue } from './event-queue.ts';
import { SNAPSHOT_CHUNK_BYTES_MAX } from './limits.ts';
import { MortalScan } from './mortality.ts';
import { isEverywhere } from './path.ts';
import { applyConfiguration, configZnode, type Configuration } from './operations/configure.ts';
import { deleteMortal } from './operations/delete-mortal.ts';
import { applyRequest } from './operations/request.ts';
import { attachSession, closeSession, createSession } from './operations/sessions.ts';
import { failed, type FailureCode, type Outcome, type OutcomeWanted } from './outcome.ts';
import type { QuotaExceeded } from './quotas.ts';
import type { Session, SessionListener } from './session.ts';
import { SnapshotReader } from './snapshot-reader.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { Tree } from './tree.ts';
import { WatchCatchUp } from './watch-catch-up.ts';
import { WatchTable, type Watcher } from './watch-table.ts';
import { watchedPath, type Znode, type ZnodeView } from './znode.ts';

/** The answer to getACL: hashes are hidden from those who may not administer. */
export interface AclView {
  readonly acls: readonly Acl[];
  readonly znode: ZnodeView;
}

interface Restore {
  readonly reader: SnapshotReader;
  readonly catchUp: WatchCatchUp;
}

/**
 * ZooKeeper's data model as a deterministic state machine: the same commands at the same indices
 * make the same state and the same outcomes on every node. Watches are this node's own.
 */
export class Coordinator {
  /** The watches of this node's clients. */
  readonly watches = new WatchTable();
  private readonly events = new EventQueue(this.watches);
  private readonly listener: SessionListener | undefined;
  private readonly reader = new JuteReader();
  private tree = new Tree();
  private context: ApplyContext;
  private sessionsById = new Map<number, Session>();
  private snapshotWriter: SnapshotWriter | undefined = undefined;
  private restore: Restore | undefined = undefined;
  private appliedIndex = 0;
  /** What the digest was at some of the indexes that were passed. */
  readonly digests = new DigestHistory();

  private readonly onQuotaExceeded: (exceeded: QuotaExceeded) => void;

  /** `onQuotaExceeded` is called for each change that exceeds a quota, refused or not. */
  constructor(
    listener?: SessionListener,
    onQuotaExceeded: (exceeded: QuotaExceeded) => void = () => undefined,
  ) {
    this.listener = listener;
    this.onQuotaExceeded = onQuotaExceeded;
    this.context = new ApplyContext(this.tree, this.events, onQuotaExceeded);
    this.tree.addSystemZnodes();
  }

  /** Index of the newest entry whose effect is in the state. It never decreases. */
  get lastAppliedIndex(): number {
    return this.appliedIndex;
  }

  get sessions(): ReadonlyMap<number, Session> {
    return this.sessionsById;
  }

  /** How many znodes there are, those of the system included. */
  get znodeCount(): number {
    return this.tree.znodes.size;
  }

  /** Characters of all paths and bytes of all data: ZooKeeper's approximate data size. */
  get approximateDataSize(): number {
    return this.tree.dataSize;
  }

  /** How many different lists of ACLs the znodes have, the two that are always there included. */
  get aclListCount(): number {
    return this.tree.acls.lists().length;
  }

  /** Paths of the session's ephemerals. */
  ephemeralsOf(sessionId: number): string[] {
    return [...(this.tree.ephemeralsOf(sessionId) ?? [])].map((znode) => znode.path);
  }

  /** The same, of those whose paths begin with `prefix`; null, blank or `/`: all. */
  ephemeralsUnder(sessionId: number, prefix: string | null): string[] {
    const all = this.ephemeralsOf(sessionId);
    if (prefix === null || isEverywhere(prefix)) return all;
    return all.filter((path) => path.startsWith(prefix));
  }

  /** For the leader, from time to time: which containers and TTL nodes are to go. */
  scanMortals(): MortalScan {
    return new MortalScan(this.tree.mortals);
  }

  /** Passes over an entry that is no command (noop, membership). */
  skip(index: number): void {
    this.advance(index);
  }

  /** Passes over an entry that names the members: they become /zookeeper/config. */
  configure(index: number, configuration: Configuration): void {
    assert(this.restore === undefined, 'nothing is applied during a restore');
    this.advance(index);
    applyConfiguration(this.tree, this.events, configuration);
    this.events.fire(index);
  }

  /** /zookeeper/config as it is, whoever asks. */
  configuration(): ZnodeView {
    return configZnode(this.tree);
  }

  /** Whether somebody may change the members: who may write /zookeeper/config. */
  mayReconfigure(identities: readonly Identity[]): boolean {
    return permits(configZnode(this.tree).acl, Permission.write, { list: identities });
  }

  private advance(index: number): void {
    assert(index > this.appliedIndex, 'entries come in order');
    this.digests.onLeft(this.appliedIndex, this.tree.digest);
    this.appliedIndex = index;
  }

  /**
   * Applies one command. Whatever the payload holds, this does not throw: what can't be understood
   * has the outcome marshallingError, on every node. `timeMs` is the leader's clock when it ordered
   * the entry. Watchers and the session listener are called before it returns.
   */
  apply(
    index: number,
    timeMs: number,
    payload: Uint8Array,
    wanted: OutcomeWanted,
  ): Outcome | undefined {
    assert(this.restore === undefined, 'nothing is applied during a restore');
    this.advance(index);
    this.context.zxid = index;
    this.context.timeMs = timeMs;
    try {
      const outcome = this.applyCommand(payload, wanted);
      this.events.fire(index);
      return outcome;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return failed(ErrorCode.marshallingError);
    }
  }

  private applyCommand(payload: Uint8Array, wanted: OutcomeWanted): Outcome | undefined {
    const reader = this.reader.reset(payload);
    const type = reader.readByte();
    this.context.isQuotaEnforced = type === CommandType.boundRequest;
    switch (type) {
      case CommandType.request:
      case CommandType.boundRequest:
        return applyRequest(this.context, this.sessionsById, reader, payload, wanted);
      case CommandType.createSession:
        return createSession(this.context, this.sessionsById, reader, this.listener);
      case CommandType.attachSession:
        return attachSession(this.context, this.sessionsById, reader, this.listener);
      case CommandType.closeSession:
        return closeSession(this.context, this.sessionsById, reader, this.listener);
      case CommandType.deleteMortal:
        return deleteMortal(this.context, reader);
      default:
        return failed(ErrorCode.marshallingError);
    }
  }

  /** The znode, or an error code. `watcher` is left on it: undefined leaves none. */
  getData(
    path: string,
    identities: readonly Identity[],
    watcher: Watcher | undefined,
  ): ZnodeView | FailureCode {
    const znode = this.readable(path, identities);
    if (typeof znode === 'number') return znode;
    if (watcher !== undefined) this.watches.add('data', watchedPath(path, znode), watcher);
    return znode;
  }

  /** The znode, or an error code. noNode leaves the watch too. */
  exists(
    path: string,
    identities: readonly Identity[],
    watcher: Watcher | undefined,
  ): ZnodeView | FailureCode {
    if (path.includes('\0')) return ErrorCode.badArguments;
    const znode = this.readable(path, identities);
    if (znode === ErrorCode.noAuth) return znode;
    if (watcher !== undefined) {
      const kept = typeof znode === 'number' ? path : watchedPath(path, znode);
      this.watches.add('data', kept, watcher);
    }
    return znode;
  }

  /** For getChildren and getChildren2: the znode, or an error code. */
  getChildren(
    path: string,
    identities: readonly Identity[],
    watcher: Watcher | undefined,
  ): ZnodeView | FailureCode {
    const znode = this.readable(path, identities);
    if (typeof znode === 'number') return znode;
    if (watcher !== undefined) this.watches.add('child', watchedPath(path, znode), watcher);
    return znode;
  }

  /** The ACLs and the znode, or an error code. */
  getAcl(path: string, identities: readonly Identity[]): AclView | FailureCode {
    const znode = this.tree.get(path);
    if (znode === undefined) return ErrorCode.noNode;
    const who = { list: identities };
    const mayLook = permits(znode.acl, Permission.read | Permission.admin, who);
    return mayLook ? { acls: aclsFor(znode.acl, who), znode } : ErrorCode.noAuth;
  }

  /** For getAllChildrenNumber: how many znodes are below, or an error code. */
  countBelow(path: string, identities: readonly Identity[]): { total: number } | FailureCode {
    const znode = this.readable(path, identities);
    return typeof znode === 'number' ? znode : { total: this.tree.countBelow(znode) };
  }

  /** Leaves a watch that stays. Nothing needs to be at the path. */
  addWatch(mode: AddWatchMode, path: string, watcher: Watcher): void {
    // The znode's own string, where there is one, costs nothing more.
    this.watches.addLasting(mode, this.tree.znodes.get(path)?.path ?? path, watcher);
  }

  /** After a reconnect: the watcher hears at once what it has missed; the rest is registered. */
  setWatches(request: SetWatchesRequest | SetWatches2Request, watcher: Watcher): void {
    this.watches.setWatches(request, this.tree, watcher);
  }

  private readable(path: string, identities: readonly Identity[]): Znode | FailureCode {
    const znode = this.tree.get(path);
    if (znode === undefined) return ErrorCode.noNode;
    const isOpen = (znode.acl.worldPerms & Permission.read) !== 0;
    if (isOpen || permits(znode.acl, Permission.read, { list: identities })) return znode;
    return ErrorCode.noAuth;
  }

  /** In hexadecimal; equal on nodes with equal state. Kept as the state changes: costs nothing. */
  digest(): string {
    return digestText(this.tree.digest);
  }

  /** The same from scratch: looks at everything. Differs only when this node's memory is damaged. */
  digestFromScratch(): string {
    return digestText(digestOf(this.tree, this.sessionsById));
  }

  /** The digest after the entry at `index`, if that is the newest, or one whose digest was kept. */
  digestAt(index: number): DigestValue | undefined {
    if (this.restore !== undefined) return undefined;
    return index === this.appliedIndex ? this.tree.digest : this.digests.at(index);
  }

  /**
   * Begins a snapshot of the state exactly as it is now; commands may be applied between the calls
   * of `next()`. It supersedes one that is still under way.
   *
   * @param chunkBytesMax what is longer is cut; no more than SNAPSHOT_CHUNK_BYTES_MAX
   */
  snapshot(chunkBytesMax = SNAPSHOT_CHUNK_BYTES_MAX): Iterator<Uint8Array> {
    assert(this.restore === undefined, 'no snapshot is taken during a restore');
    this.snapshotWriter?.supersede();
    const { tree, sessionsById, appliedIndex } = this;
    this.snapshotWriter = new SnapshotWriter(tree, sessionsById, appliedIndex, chunkBytesMax);
    return this.snapshotWriter;
  }

  /**
   * The state is thrown away; until the restore has ended, reads see what has come of the new one,
   * so nobody should be let read. Watches stay.
   */
  restoreBegin(): void {
    const before = this.restore?.catchUp ?? new WatchCatchUp(this.watches, this.tree);
    this.snapshotWriter?.supersede();
    this.snapshotWriter = undefined;
    this.restore = { reader: new SnapshotReader(), catchUp: before };
    this.install(this.restore.reader);
  }

  /** Takes a chunk as `snapshot()` yielded it. Throws SnapshotError malformed. */
  restoreChunk(chunk: Uint8Array): void {
    assert(this.restore !== undefined, 'a restore has begun');
    this.restore.reader.add(chunk);
  }

  /**
   * The state is that of `index`. Watches fire for what has changed since this node's former state.
   * The session listener is not called: look at `sessions`. Throws SnapshotError.
   */
  restoreEnd(index: number): void {
    assert(this.restore !== undefined, 'a restore has begun');
    const { reader, catchUp } = this.restore;
    reader.finish();
    this.restore = undefined;
    this.appliedIndex = index;
    catchUp.fire(this.tree, index);
  }

  private install(reader: SnapshotReader): void {
    this.digests.clear();
    this.tree = reader.tree;
    this.sessionsById = reader.sessions;
    this.context = new ApplyContext(this.tree, this.events, this.onQuotaExceeded);
  }
}
