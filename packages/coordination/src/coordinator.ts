import {
  ErrorCode,
  JuteReader,
  OpCode,
  PASSWORD_BYTES,
  Permission,
  ProtocolError,
  readCheckRequest,
  readCreateRequest,
  readDeleteRequest,
  readMultiRequest,
  readSetAclRequest,
  readSetDataRequest,
  type Acl,
  type Identity,
  type SetWatchesRequest,
} from '@bellwether/protocol';
import { aclsFor, permits } from './acl-rules.ts';
import { ApplyContext } from './apply-context.ts';
import { assert } from './assert.ts';
import { CommandType, readCloseCause, type CloseCause } from './command.ts';
import { digestOf } from './digest.ts';
import { EventQueue } from './event-queue.ts';
import { applyCheck } from './operations/check.ts';
import { applyCreate } from './operations/create.ts';
import { applyDelete, removeZnode } from './operations/delete.ts';
import { applyMulti } from './operations/multi.ts';
import { applySetAcl } from './operations/set-acl.ts';
import { applySetData } from './operations/set-data.ts';
import { failed, type FailureCode, type Outcome, type OutcomeWanted } from './outcome.ts';
import { Session, type SessionListener } from './session.ts';
import { SnapshotReader } from './snapshot-reader.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { Tree } from './tree.ts';
import { WatchCatchUp } from './watch-catch-up.ts';
import { WatchTable, type Watcher } from './watch-table.ts';
import type { Znode, ZnodeView } from './znode.ts';

const OK = ErrorCode.ok;

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
  private context = new ApplyContext(this.tree, this.events);
  private sessionsById = new Map<number, Session>();
  private snapshotWriter: SnapshotWriter | undefined = undefined;
  private restore: Restore | undefined = undefined;
  private appliedIndex = 0;

  constructor(listener?: SessionListener) {
    this.listener = listener;
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

  /** Paths of the session's ephemerals. */
  ephemeralsOf(sessionId: number): string[] {
    return [...(this.tree.ephemeralsOf(sessionId) ?? [])].map((znode) => znode.path);
  }

  /** Passes over an entry that is no command (noop, membership). */
  skip(index: number): void {
    assert(index > this.appliedIndex, 'entries come in order');
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
    assert(index > this.appliedIndex, 'entries come in order');
    this.appliedIndex = index;
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
    switch (reader.readByte()) {
      case CommandType.request:
        return this.applyRequest(reader, payload, wanted);
      case CommandType.createSession:
        return this.createSession(reader);
      case CommandType.attachSession:
        return this.attachSession(reader);
      case CommandType.closeSession:
        return this.closeSession(reader);
      default:
        return failed(ErrorCode.marshallingError);
    }
  }

  private applyRequest(
    reader: JuteReader,
    payload: Uint8Array,
    wanted: OutcomeWanted,
  ): Outcome | undefined {
    const sessionId = reader.readLong();
    const owner = reader.readInt() >>> 0;
    const opCode = reader.readInt();
    const session = this.sessionsById.get(sessionId);
    if (session === undefined) return failed(ErrorCode.sessionExpired);
    if (session.owner !== owner) return failed(ErrorCode.sessionMoved);
    this.context.sessionId = sessionId;
    this.context.identities.take(reader, payload);
    if (opCode === OpCode.multi) {
      const results = applyMulti(this.context, readMultiRequest(reader));
      return { kind: 'multi', code: OK, results };
    }
    const code = this.applyOperation(opCode, reader);
    if (wanted === 'none') return undefined;
    return code === OK ? this.outcomeOf(opCode) : failed(code);
  }

  private applyOperation(opCode: number, reader: JuteReader): ErrorCode {
    switch (opCode) {
      case OpCode.create:
      case OpCode.create2:
        return applyCreate(this.context, readCreateRequest(reader));
      case OpCode.delete:
        return applyDelete(this.context, readDeleteRequest(reader));
      case OpCode.setData:
        return applySetData(this.context, readSetDataRequest(reader));
      case OpCode.setACL:
        return applySetAcl(this.context, readSetAclRequest(reader));
      case OpCode.check:
        return applyCheck(this.context, readCheckRequest(reader));
      default:
        return ErrorCode.unimplemented;
    }
  }

  private outcomeOf(opCode: number): Outcome {
    if (opCode === OpCode.delete) return { kind: 'deleted', code: OK };
    if (opCode === OpCode.check) return { kind: 'checked', code: OK };
    const znode = this.context.result!;
    const stat = znode.copyStat();
    if (opCode === OpCode.setData || opCode === OpCode.setACL) {
      return { kind: 'changed', code: OK, stat };
    }
    return { kind: 'created', code: OK, path: znode.path, stat };
  }

  private createSession(reader: JuteReader): Outcome {
    const passwd = reader.readRaw(PASSWORD_BYTES).slice();
    const timeoutMs = reader.readInt();
    const owner = reader.readInt() >>> 0;
    const session = new Session(this.appliedIndex, passwd, timeoutMs, owner);
    this.sessionsById.set(session.id, session);
    this.listener?.onSessionCreated(session);
    return opened(session);
  }

  /** authFailed for a wrong password, which the client hears as an expired session. */
  private attachSession(reader: JuteReader): Outcome {
    const session = this.sessionsById.get(reader.readLong());
    const owner = reader.readInt() >>> 0;
    const timeoutMs = reader.readInt();
    const passwd = reader.readRaw(reader.remaining);
    if (session === undefined) return failed(ErrorCode.sessionExpired);
    if (!areEqual(session.passwd, passwd)) return failed(ErrorCode.authFailed);
    const previousOwner = session.owner;
    session.owner = owner;
    session.timeoutMs = timeoutMs;
    this.listener?.onSessionAttached(session, previousOwner);
    return opened(session);
  }

  private closeSession(reader: JuteReader): Outcome {
    const sessionId = reader.readLong();
    const cause = readCloseCause(reader);
    if (cause === undefined) return failed(ErrorCode.marshallingError);
    const session = this.sessionsById.get(sessionId);
    if (session === undefined) return failed(ErrorCode.sessionExpired);
    this.endSession(session, cause);
    return { kind: 'sessionClosed', code: OK, sessionId, cause };
  }

  /** The ephemerals go in the order of their paths, which is the same on every node. */
  private endSession(session: Session, cause: CloseCause): void {
    const owned = [...(this.tree.ephemeralsOf(session.id) ?? [])];
    owned.sort((a, b) => (a.path < b.path ? -1 : 1));
    for (const znode of owned) {
      const slash = znode.path.lastIndexOf('/');
      removeZnode(this.context, znode, this.tree.get(znode.path.slice(0, slash))!);
    }
    this.sessionsById.delete(session.id);
    this.events.fire(this.appliedIndex);
    this.listener?.onSessionClosed(session, cause);
  }

  /** The znode, or an error code. `watcher` is left on it: undefined leaves none. */
  getData(
    path: string,
    identities: readonly Identity[],
    watcher: Watcher | undefined,
  ): ZnodeView | FailureCode {
    const znode = this.readable(path, identities);
    if (typeof znode === 'number') return znode;
    if (watcher !== undefined) this.watches.add('data', znode.path, watcher);
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
      this.watches.add('data', typeof znode === 'number' ? path : znode.path, watcher);
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
    if (watcher !== undefined) this.watches.add('child', znode.path, watcher);
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

  /** After a reconnect: the watcher hears at once what it has missed; the rest is registered. */
  setWatches(request: SetWatchesRequest, watcher: Watcher): void {
    this.watches.setWatches(request, this.tree, watcher);
  }

  private readable(path: string, identities: readonly Identity[]): Znode | FailureCode {
    const znode = this.tree.get(path);
    if (znode === undefined) return ErrorCode.noNode;
    const isOpen = (znode.acl.worldPerms & Permission.read) !== 0;
    if (isOpen || permits(znode.acl, Permission.read, { list: identities })) return znode;
    return ErrorCode.noAuth;
  }

  /** Equal on nodes with equal state. Looks at everything: see digestOf for what it costs. */
  digest(): string {
    return digestOf(this.tree, this.sessionsById);
  }

  /**
   * Begins a snapshot of the state exactly as it is now; commands may be applied between the calls
   * of `next()`. It supersedes one that is still under way.
   */
  snapshot(): Iterator<Uint8Array> {
    assert(this.restore === undefined, 'no snapshot is taken during a restore');
    this.snapshotWriter?.supersede();
    this.snapshotWriter = new SnapshotWriter(this.tree, this.sessionsById, this.appliedIndex);
    return this.snapshotWriter;
  }

  /** The state is thrown away; reads find nothing until the restore has ended. Watches stay. */
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
    this.tree = reader.tree;
    this.sessionsById = reader.sessions;
    this.context = new ApplyContext(this.tree, this.events);
  }
}

function opened(session: Session): Outcome {
  const { id, timeoutMs, passwd } = session;
  return { kind: 'sessionOpened', code: OK, sessionId: id, timeoutMs, passwd };
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
