/*
 * Requests about the watches of a connection. None of them looks at the tree, so they need no
 * permission; whoever may not read a znode is not told of its events.
 */
import type { Coordinator } from '@bellwether/coordination';
import {
  AddWatchMode,
  ErrorCode,
  ProtocolError,
  readAddWatchRequest,
  readCheckWatchesRequest,
  readRemoveWatchesRequest,
  readSetWatches2Request,
  readSetWatchesRequest,
  writeAddWatchResponse,
  writeReplyHeader,
  type JuteReader,
  type SetWatches2Request,
  type SetWatchesRequest,
} from '@bellwether/protocol';
import type { Connection } from './connection.ts';
import { writeHeaderReply } from './header-reply.ts';

export function addWatch(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  reader: JuteReader,
): void {
  const { path, mode } = readAddWatchRequest(reader);
  coordinator.addWatch(knownMode(mode), path, connection);
  const { output } = connection;
  const frame = output.beginFrame();
  writeReplyHeader(output, xid, coordinator.lastAppliedIndex, ErrorCode.ok);
  writeAddWatchResponse(output);
  output.endFrame(frame);
}

export function checkWatches(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  reader: JuteReader,
): void {
  const { path, type } = readCheckWatchesRequest(reader);
  answer(coordinator, connection, xid, coordinator.watches.has(type, path, connection), type);
}

export function removeWatches(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  reader: JuteReader,
): void {
  const { path, type } = readRemoveWatchesRequest(reader);
  answer(coordinator, connection, xid, coordinator.watches.remove(type, path, connection), type);
}

export function setWatches(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  reader: JuteReader,
): void {
  register(coordinator, connection, xid, readSetWatchesRequest(reader));
}

export function setWatches2(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  reader: JuteReader,
): void {
  register(coordinator, connection, xid, readSetWatches2Request(reader));
}

/** What was missed comes first: those events go through the same output, each as its own frame. */
function register(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  request: SetWatchesRequest | SetWatches2Request,
): void {
  coordinator.setWatches(request, connection);
  // Many events may have sent the output on its way and begun a new one.
  writeHeaderReply(connection.output, xid, coordinator.lastAppliedIndex, ErrorCode.ok);
}

function answer(
  coordinator: Coordinator,
  connection: Connection,
  xid: number,
  wasThere: boolean | undefined,
  type: number,
): void {
  if (wasThere === undefined) throw new ProtocolError('badOperation', `a watch of type ${type}`);
  const error = wasThere ? ErrorCode.ok : ErrorCode.noWatcher;
  writeHeaderReply(connection.output, xid, coordinator.lastAppliedIndex, error);
}

function knownMode(mode: number): AddWatchMode {
  if (mode === AddWatchMode.persistent || mode === AddWatchMode.persistentRecursive) return mode;
  throw new ProtocolError('badOperation', `a watch of mode ${mode}`);
}
