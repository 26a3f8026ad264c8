/* The requests of simulated clients: written to the wire, read back, and recorded. */
import {
  CreateMode,
  ErrorCode,
  OPEN_ACL,
  OpCode,
  readCreateResponse,
  readExistsResponse,
  readGetChildren2Response,
  readGetDataResponse,
  readMultiResponse,
  readSetDataResponse,
  writeCreateRequest,
  writeDeleteRequest,
  writeExistsRequest,
  writeGetChildren2Request,
  writeGetDataRequest,
  writeMultiRequest,
  writeSetDataRequest,
  writeSyncRequest,
  type JuteReader,
  type JuteWriter,
  type MultiOperation,
  type ReplyHeader,
  type Stat,
} from '@bellwether/protocol';
import type { Change, ReadRecord, SeenZnode } from '../oracle/history.ts';
import type { Request } from './client-session.ts';
import type { Recorder } from './recorder.ts';

/** Who asks, and since when. */
export interface Asking {
  readonly recorder: Recorder;
  readonly session: number;
  readonly invokedMs: number;
}

const bytesOf = (value: string): Uint8Array => Buffer.from(value, 'latin1');
const textOf = (data: Uint8Array | null): string => Buffer.from(data ?? []).toString('latin1');

/** Errors of the server, not of the request: it was not executed. */
const NOT_EXECUTED: ReadonlySet<number> = new Set([
  ErrorCode.sessionExpired,
  ErrorCode.sessionMoved,
  ErrorCode.connectionLoss,
  ErrorCode.marshallingError,
]);

function modeOf(change: Change): CreateMode {
  if (change.kind === 'ephemeral') return CreateMode.ephemeral;
  return change.kind === 'sequential' ? CreateMode.persistentSequential : CreateMode.persistent;
}

const createRequest = (change: Change) => ({
  path: change.path,
  data: bytesOf(change.value),
  acls: OPEN_ACL,
  flags: modeOf(change),
});

function operationOf(change: Change): MultiOperation {
  const { path, expectedVersion: version } = change;
  switch (change.action) {
    case 'create':
      return { opCode: OpCode.create, request: createRequest(change) };
    case 'set':
      return { opCode: OpCode.setData, request: { path, data: bytesOf(change.value), version } };
    case 'delete':
      return { opCode: OpCode.delete, request: { path, version } };
    default:
      return change.action satisfies never;
  }
}

function writeOne(writer: JuteWriter, change: Change): void {
  const operation = operationOf(change);
  if (operation.opCode === OpCode.setData) writeSetDataRequest(writer, operation.request);
  else if (operation.opCode === OpCode.delete) writeDeleteRequest(writer, operation.request);
  else writeCreateRequest(writer, createRequest(change));
}

/** A write of one change, or a multi of several. */
export function writeRequest(asking: Asking, changes: readonly Change[]): Request {
  const { recorder, session, invokedMs } = asking;
  const [first] = changes;
  if (first === undefined) throw new Error('a write changes something');
  const isMulti = changes.length > 1;
  const base = { type: 'write', session, invokedMs } as const;
  return {
    opCode: isMulti ? OpCode.multi : operationOf(first).opCode,
    write: (writer) =>
      isMulti ? writeMultiRequest(writer, changes.map(operationOf)) : writeOne(writer, first),
    onLost: () => recorder.write({ ...base, changes, outcome: 'indeterminate', error: 0, zxid: 0 }),
    onReply: ({ error, zxid }, reader) => {
      if (NOT_EXECUTED.has(error)) {
        return recorder.write({ ...base, changes, outcome: 'failed', error, zxid: 0 });
      }
      const result = error === 0 ? madeBy(changes, reader, isMulti) : { error, changes };
      recorder.write({ ...base, ...result, outcome: 'done', zxid });
    },
  };
}

interface Made {
  readonly error: number;
  readonly changes: readonly Change[];
}

function madeBy(changes: readonly Change[], reader: JuteReader, isMulti: boolean): Made {
  if (isMulti) return madeByMulti(changes, reader);
  const [change] = changes as readonly [Change];
  if (change.action === 'delete') return { error: 0, changes };
  const { path } = change.action === 'create' ? readCreateResponse(reader) : change;
  const version = change.action === 'set' ? readSetDataResponse(reader).stat.version : 0;
  return { error: 0, changes: [{ ...change, made: { path, version } }] };
}

function madeByMulti(changes: readonly Change[], reader: JuteReader): Made {
  const results = readMultiResponse(reader);
  const failure = results.find((result) => result.opCode === OpCode.error && result.error !== 0);
  if (failure?.opCode === OpCode.error) return { error: failure.error, changes };
  const made = changes.map((change, at): Change => {
    const result = results[at];
    if (result?.opCode === OpCode.create) {
      return { ...change, made: { path: result.path, version: 0 } };
    }
    if (result?.opCode !== OpCode.setData) return change;
    return { ...change, made: { path: change.path, version: result.stat.version } };
  });
  return { error: 0, changes: made };
}

interface Reading {
  readonly path: string;
  readonly guarantee: 'sequential' | 'linearizable';
  readonly leavesWatch: boolean;
}

function seenZnode(value: string | undefined, stat: Stat): SeenZnode {
  const { version, czxid, mzxid, ephemeralOwner: owner } = stat;
  return { value, version, czxid, mzxid, owner };
}

/** Data and Stat of a znode. `onAnswered` hears whether a watch was left, and on what. */
export function readRequest(
  asking: Asking,
  reading: Reading,
  onAnswered: (seen: SeenZnode | undefined) => void,
): Request {
  const { recorder, session, invokedMs } = asking;
  const { path, guarantee, leavesWatch } = reading;
  return {
    opCode: OpCode.getData,
    write: (writer) => writeGetDataRequest(writer, { path, watch: leavesWatch }),
    onLost: () => recorder.readLost(),
    onReply: (header, reader) => {
      const { error, zxid } = header;
      if (error !== ErrorCode.ok && error !== ErrorCode.noNode) return recorder.readLost();
      const found = error === ErrorCode.ok ? readGetDataResponse(reader) : undefined;
      const seen = found && seenZnode(textOf(found.data), found.stat);
      const watch = leavesWatch && seen !== undefined ? 'data' : 'none';
      const base = { type: 'read', session, invokedMs, path, guarantee, zxid } as const;
      recorder.read({ ...base, seen, children: undefined, watch });
      onAnswered(seen);
    },
  };
}

/** Whether there is such a znode, with a watch that hears of its creation too. */
export function existsRequest(
  asking: Asking,
  path: string,
  onAnswered: (seen: SeenZnode | undefined) => void,
): Request {
  const { recorder } = asking;
  return {
    opCode: OpCode.exists,
    write: (writer) => writeExistsRequest(writer, { path, watch: true }),
    onLost: () => recorder.readLost(),
    onReply: ({ error, zxid }, reader) => {
      if (error !== ErrorCode.ok && error !== ErrorCode.noNode) return recorder.readLost();
      const stat = error === ErrorCode.ok ? readExistsResponse(reader).stat : undefined;
      const seen = stat && seenZnode(undefined, stat);
      recorder.read(readOf(asking, path, zxid, { seen, children: undefined, watch: 'data' }));
      onAnswered(seen);
    },
  };
}

/** Names of the children, with a watch or without. */
export function childrenRequest(
  asking: Asking,
  path: string,
  watch: 'children' | 'none',
  onAnswered: (names: readonly string[]) => void,
): Request {
  const { recorder } = asking;
  return {
    opCode: OpCode.getChildren2,
    write: (writer) => writeGetChildren2Request(writer, { path, watch: watch !== 'none' }),
    onLost: () => recorder.readLost(),
    onReply: ({ error, zxid }, reader) => {
      if (error !== ErrorCode.ok) return recorder.readLost();
      const { children } = readGetChildren2Response(reader);
      recorder.read(readOf(asking, path, zxid, { seen: undefined, children, watch }));
      onAnswered(children);
    },
  };
}

function readOf(
  { session, invokedMs }: Asking,
  path: string,
  zxid: number,
  what: Pick<ReadRecord, 'seen' | 'children' | 'watch'>,
): Omit<ReadRecord, 'client' | 'endedMs'> {
  const guarantee = 'sequential';
  return { type: 'read', session, invokedMs, path, guarantee, zxid, ...what };
}

/** Brings the server up to date; the read behind it is linearizable. */
export function syncRequest(path: string): Request {
  return {
    opCode: OpCode.sync,
    write: (writer) => writeSyncRequest(writer, { path }),
    onLost: () => undefined,
    onReply: () => undefined,
  };
}

/** Ends the session. */
export function closeRequest(asking: Asking, onClosed: () => void): Request {
  const { recorder, session, invokedMs } = asking;
  const base = { type: 'session', session, invokedMs } as const;
  return {
    opCode: OpCode.closeSession,
    write: () => undefined,
    onLost: () => undefined,
    onReply: ({ error, zxid }: ReplyHeader) => {
      if (error === ErrorCode.ok) recorder.session({ ...base, what: 'closed', zxid });
      onClosed();
    },
  };
}
