/* Replies as they are on the wire, in the terms in which histories are written. */
import {
  ErrorCode,
  OpCode,
  readCreate2Response,
  readCreateResponse,
  readExistsResponse,
  readGetChildren2Response,
  readGetChildrenResponse,
  readGetDataResponse,
  readMultiResponse,
  readSetDataResponse,
  type JuteReader,
  type Stat,
} from '@bellwether/protocol';
import type { Change, ReadRecord, SeenZnode, WriteRecord } from '@bellwether/simulator/oracle';
import { textOf, type Asked } from './asked.ts';

type Read = Extract<Asked, { kind: 'read' }>;
type Write = Extract<Asked, { kind: 'write' }>;

/** Errors of the server, not of the request: it was not executed. */
const NOT_EXECUTED: ReadonlySet<number> = new Set([
  ErrorCode.sessionExpired,
  ErrorCode.sessionMoved,
  ErrorCode.connectionLoss,
  ErrorCode.marshallingError,
]);

/** What became of a write. @param reader stands behind the header */
export function outcomeOf(
  { opCode, changes }: Write,
  error: number,
  reader: JuteReader,
): Pick<WriteRecord, 'outcome' | 'error' | 'changes'> {
  if (NOT_EXECUTED.has(error)) return { outcome: 'failed', error, changes };
  if (error !== ErrorCode.ok) return { outcome: 'done', error, changes };
  if (opCode === OpCode.multi) return { outcome: 'done', ...multiOutcome(changes, reader) };
  const [change] = changes as readonly [Change];
  return { outcome: 'done', error, changes: [madeBy(change, opCode, reader)] };
}

function madeBy(change: Change, opCode: number, reader: JuteReader): Change {
  switch (opCode) {
    case OpCode.create:
      return { ...change, made: { path: readCreateResponse(reader).path, version: 0 } };
    case OpCode.create2:
      return { ...change, made: { path: readCreate2Response(reader).path, version: 0 } };
    case OpCode.setData: {
      const { version } = readSetDataResponse(reader).stat;
      return { ...change, made: { path: change.path, version } };
    }
    default:
      return change;
  }
}

function multiOutcome(
  changes: readonly Change[],
  reader: JuteReader,
): Pick<WriteRecord, 'error' | 'changes'> {
  const results = readMultiResponse(reader);
  for (const result of results) {
    if (result.opCode === OpCode.error && result.error !== 0)
      return { error: result.error, changes };
  }
  const made = changes.map((change, at): Change => {
    const result = results[at];
    switch (result?.opCode) {
      case OpCode.create:
      case OpCode.create2:
        return { ...change, made: { path: result.path, version: 0 } };
      case OpCode.setData:
        return { ...change, made: { path: change.path, version: result.stat.version } };
      default:
        return change;
    }
  });
  return { error: 0, changes: made };
}

/**
 * What a read has shown; undefined when it has shown nothing.
 *
 * @param reader stands behind the header
 */
export function shownBy(
  { of, opCode, leavesWatch }: Read,
  error: number,
  reader: JuteReader,
): Pick<ReadRecord, 'seen' | 'children' | 'watch'> | undefined {
  if (error !== ErrorCode.ok && error !== ErrorCode.noNode) return undefined;
  const isThere = error === ErrorCode.ok;
  switch (of) {
    case 'data': {
      if (!isThere) return { seen: undefined, children: undefined, watch: 'none' };
      const { data, stat } = readGetDataResponse(reader);
      const seen = seenZnode(textOf(data), stat);
      return { seen, children: undefined, watch: leavesWatch ? 'data' : 'none' };
    }
    case 'existence': {
      const seen = isThere ? seenZnode(undefined, readExistsResponse(reader).stat) : undefined;
      return { seen, children: undefined, watch: leavesWatch ? 'data' : 'none' };
    }
    case 'children': {
      if (!isThere) return undefined;
      const isPlain = opCode === OpCode.getChildren;
      const { children } = (isPlain ? readGetChildrenResponse : readGetChildren2Response)(reader);
      return { seen: undefined, children, watch: leavesWatch ? 'children' : 'none' };
    }
    default:
      return of satisfies never;
  }
}

function seenZnode(value: string | undefined, stat: Stat): SeenZnode {
  const { version, czxid, mzxid, ephemeralOwner: owner } = stat;
  return { value, version, czxid, mzxid, owner };
}
