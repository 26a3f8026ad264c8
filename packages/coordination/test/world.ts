import {
  JuteWriter,
  OPEN_ACL,
  OpCode,
  writeCheckRequest,
  writeCreateRequest,
  writeCreateTtlRequest,
  writeDeleteRequest,
  writeMultiRequest,
  writeSetAclRequest,
  writeSetDataRequest,
  type Acl,
  type Identity,
  type MultiOperation,
  type Stat,
  type WatchEventType,
} from '@bellwether/protocol';
import {
  encodeAttachSession,
  encodeCloseSession,
  encodeCreateSession,
  encodeDeleteMortal,
  encodeIdentities,
  encodeRequestCommand,
  type CloseCause,
  type QuotaRule,
} from '../src/command.ts';
import { Coordinator } from '../src/coordinator.ts';
import type { Outcome } from '../src/outcome.ts';
import type { SessionListener } from '../src/session.ts';
import type { Watcher } from '../src/watch-table.ts';
import type { ZnodeKind } from '../src/znode-kind.ts';
import type { Znode, ZnodeView } from '../src/znode.ts';

export const PASSWD = new Uint8Array(16).map((_, i) => i);

function bytesOf(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  write(writer);
  return writer.copy();
}

export function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

/** Request bodies, as a client sends them. */
export const body = {
  create: (path: string, data: Uint8Array | null, flags: number, acls: readonly Acl[] = OPEN_ACL) =>
    bytesOf((writer) => writeCreateRequest(writer, { path, data, acls, flags })),
  createTtl: (path: string, data: Uint8Array | null, flags: number, ttlMs: number) =>
    bytesOf((writer) =>
      writeCreateTtlRequest(writer, { path, data, acls: OPEN_ACL, flags, ttlMs }),
    ),
  delete: (path: string, version: number) =>
    bytesOf((writer) => writeDeleteRequest(writer, { path, version })),
  setData: (path: string, data: Uint8Array | null, version: number) =>
    bytesOf((writer) => writeSetDataRequest(writer, { path, data, version })),
  setAcl: (path: string, acls: readonly Acl[], version: number) =>
    bytesOf((writer) => writeSetAclRequest(writer, { path, acls, version })),
  check: (path: string, version: number) =>
    bytesOf((writer) => writeCheckRequest(writer, { path, version })),
  multi: (operations: readonly MultiOperation[]) =>
    bytesOf((writer) => writeMultiRequest(writer, operations)),
};

/** Payloads of log entries. */
export const command = {
  createSession: (owner = 1, timeoutMs = 10_000) =>
    bytesOf((writer) => encodeCreateSession(writer, PASSWD, timeoutMs, owner)),
  attach: (sessionId: number, owner: number, passwd = PASSWD, timeoutMs = 20_000) =>
    bytesOf((writer) => encodeAttachSession(writer, sessionId, passwd, timeoutMs, owner)),
  close: (sessionId: number, cause: CloseCause = 'client') =>
    bytesOf((writer) => encodeCloseSession(writer, sessionId, cause)),
  request: (
    sessionId: number,
    opCode: number,
    requestBody: Uint8Array,
    owner = 1,
    identities: readonly Identity[] = [],
    quotaRule: QuotaRule = 'reported',
  ) =>
    bytesOf((writer) =>
      encodeRequestCommand(
        writer,
        sessionId,
        owner,
        opCode,
        encodeIdentities(identities),
        requestBody,
        quotaRule,
      ),
    ),
  deleteMortal: (path: string, neverUsedMsMax = 0) =>
    bytesOf((writer) => encodeDeleteMortal(writer, path, neverUsedMsMax)),
};

/** One coordinator with one session, 1, of node 1; the clock moves 10 ms with every command. */
export class World {
  readonly coordinator: Coordinator;
  readonly log: Uint8Array[] = [];
  identities: readonly Identity[] = [];
  sessionId = 1;
  owner = 1;
  quotaRule: QuotaRule = 'reported';
  /** Off where a test changes znodes behind the tree's back. */
  digestCheck: 'on' | 'off' = 'on';
  /** Of the quotas that were exceeded: path, what, kind of limit. */
  readonly exceeded: string[] = [];

  constructor(listener?: SessionListener) {
    this.coordinator = new Coordinator(listener, ({ path, what, limitKind, limit, value }) => {
      this.exceeded.push(`${path}: ${what} ${value} of ${limitKind} ${limit}`);
    });
    this.apply(command.createSession());
  }

  get index(): number {
    return this.coordinator.lastAppliedIndex;
  }

  static timeOf(index: number): number {
    return 1_700_000_000_000 + index * 10;
  }

  apply(payload: Uint8Array, timeMs = World.timeOf(this.index + 1)): Outcome {
    this.log.push(payload);
    const outcome = this.coordinator.apply(this.index + 1, timeMs, payload, 'outcome')!;
    this.#checkDigest();
    return outcome;
  }

  /** What is kept up to date comes to the same as what is made from scratch. */
  #checkDigest(): void {
    if (this.digestCheck === 'off') return;
    const { coordinator } = this;
    const kept = coordinator.digest();
    const fresh = coordinator.digestFromScratch();
    if (kept !== fresh) throw new Error(`the digest is kept as ${kept} and should be ${fresh}`);
  }

  request(opCode: number, requestBody: Uint8Array): Outcome {
    const { sessionId, owner, identities, quotaRule } = this;
    return this.apply(
      command.request(sessionId, opCode, requestBody, owner, identities, quotaRule),
    );
  }

  createContainer(path: string, flags = 4): Outcome {
    return this.request(OpCode.createContainer, body.create(path, utf8(''), flags));
  }

  createTtl(path: string, ttlMs: number, flags = 5): Outcome {
    return this.request(OpCode.createTTL, body.createTtl(path, utf8(''), flags, ttlMs));
  }

  /** What the leader proposes about a container or TTL node, ordered at this time. */
  deleteMortal(path: string, timeMs = World.timeOf(this.index + 1), neverUsedMsMax = 0): number {
    return this.apply(command.deleteMortal(path, neverUsedMsMax), timeMs).code;
  }

  create(path: string, data = '', flags = 0, acls: readonly Acl[] = OPEN_ACL): Outcome {
    return this.request(OpCode.create2, body.create(path, utf8(data), flags, acls));
  }

  delete(path: string, version = -1): Outcome {
    return this.request(OpCode.delete, body.delete(path, version));
  }

  setData(path: string, data: string, version = -1): Outcome {
    return this.request(OpCode.setData, body.setData(path, utf8(data), version));
  }

  setAcl(path: string, acls: readonly Acl[], version = -1): Outcome {
    return this.request(OpCode.setACL, body.setAcl(path, acls, version));
  }

  multi(...operations: MultiOperation[]): Outcome {
    return this.request(OpCode.multi, body.multi(operations));
  }

  openSession(owner = 1): number {
    this.apply(command.createSession(owner));
    return this.index;
  }

  /** The znode, which must be there. */
  at(path: string): ZnodeView {
    const znode = this.coordinator.exists(path, this.identities, undefined);
    if (typeof znode === 'number') throw new Error(`${path}: ${znode}`);
    return znode;
  }

  /** Which is not in its Stat. */
  kindAt(path: string): ZnodeKind {
    return (this.at(path) as Znode).kind;
  }

  has(path: string): boolean {
    return typeof this.coordinator.exists(path, this.identities, undefined) !== 'number';
  }

  dataAt(path: string): string | null {
    const { data } = this.at(path);
    return data === null ? null : Buffer.from(data).toString();
  }
}

export function statOf(view: Stat): Stat {
  const { czxid, mzxid, ctime, mtime, version, cversion, aversion } = view;
  const { ephemeralOwner, ephemeralOwnerHigh, ephemeralOwnerLow } = view;
  const owner = { ephemeralOwner, ephemeralOwnerHigh, ephemeralOwnerLow };
  const { dataLength, numChildren, pzxid } = view;
  const first = { czxid, mzxid, ctime, mtime, version, cversion, aversion };
  return { ...first, ...owner, dataLength, numChildren, pzxid };
}

const eventNames = new Map<WatchEventType, string>([
  [1, 'created'],
  [2, 'deleted'],
  [3, 'dataChanged'],
  [4, 'childrenChanged'],
]);

/** Writes down the events that it gets. */
export class RecordingWatcher implements Watcher {
  readonly identities: readonly Identity[];
  readonly events: string[] = [];
  readonly zxids: number[] = [];

  constructor(identities: readonly Identity[] = []) {
    this.identities = identities;
  }

  onWatchEvent(type: WatchEventType, path: string, zxid: number): void {
    this.events.push(`${eventNames.get(type)} ${path}`);
    this.zxids.push(zxid);
  }
}

/** Operations of a multi. */
export const op = {
  create: (path: string, flags = 0): MultiOperation => ({
    opCode: OpCode.create,
    request: { path, data: utf8('m'), acls: OPEN_ACL, flags },
  }),
  create2: (path: string, flags = 0): MultiOperation => ({
    opCode: OpCode.create2,
    request: { path, data: utf8('m'), acls: OPEN_ACL, flags },
  }),
  createContainer: (path: string, flags = 4): MultiOperation => ({
    opCode: OpCode.createContainer,
    request: { path, data: utf8('m'), acls: OPEN_ACL, flags },
  }),
  createTtl: (path: string, ttlMs: number, flags = 5): MultiOperation => ({
    opCode: OpCode.createTTL,
    request: { path, data: utf8('m'), acls: OPEN_ACL, flags, ttlMs },
  }),
  delete: (path: string, version = -1): MultiOperation => ({
    opCode: OpCode.delete,
    request: { path, version },
  }),
  setData: (path: string, data: string, version = -1): MultiOperation => ({
    opCode: OpCode.setData,
    request: { path, data: utf8(data), version },
  }),
  check: (path: string, version: number): MultiOperation => ({
    opCode: OpCode.check,
    request: { path, version },
  }),
};

/** Takes a whole snapshot; `between` runs after each chunk. */
export function takeSnapshot(
  iterator: Iterator<Uint8Array>,
  between: (chunk: number) => void = () => {},
): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const { done, value } = iterator.next();
    if (done === true) return chunks;
    chunks.push(value);
    between(chunks.length);
  }
}

export function restored(chunks: readonly Uint8Array[], index: number): Coordinator {
  const coordinator = new Coordinator();
  coordinator.restoreBegin();
  for (const chunk of chunks) coordinator.restoreChunk(chunk);
  coordinator.restoreEnd(index);
  return coordinator;
}
