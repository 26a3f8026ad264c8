import {
  OpCode,
  readAddWatchRequest,
  readAddWatchResponse,
  readAuthRequest,
  readCheckRequest,
  readCheckWatchesRequest,
  readConnectRequest,
  readConnectResponse,
  readCreate2Response,
  readCreateRequest,
  readCreateResponse,
  readCreateTtlRequest,
  readDeleteRequest,
  readExistsResponse,
  readGetAclResponse,
  readGetChildren2Response,
  readGetChildrenResponse,
  readGetDataRequest,
  readGetDataResponse,
  readGetEphemeralsRequest,
  readMultiReadRequest,
  readMultiReadResponse,
  readMultiRequest,
  readMultiResponse,
  readSetAclRequest,
  readSetDataRequest,
  readSetWatches2Request,
  readSetWatchesRequest,
  readSyncRequest,
  readWatcherEvent,
  readWhoAmIResponse,
  writeAddWatchRequest,
  writeAuthRequest,
  writeCheckRequest,
  writeCheckWatchesRequest,
  writeConnectRequest,
  writeConnectResponse,
  writeCreateRequest,
  writeCreateTtlRequest,
  writeDeleteRequest,
  writeExistsResponse,
  writeGetDataRequest,
  writeGetDataResponse,
  writeGetEphemeralsRequest,
  writeMultiReadRequest,
  writeMultiReadResponse,
  writeMultiRequest,
  writeMultiResponse,
  writeSetAclRequest,
  writeSetDataRequest,
  writeSetWatches2Request,
  writeSetWatchesRequest,
  writeSyncRequest,
  writeWhoAmIResponse,
  type JuteReader,
  type JuteWriter,
} from '@bellwether/protocol';

/** Reads one kind of record from the wire, and writes it again. */
export interface RecordCodec {
  /** Leaves nothing behind but what `write` can be given. */
  read(reader: JuteReader): unknown;
  write(writer: JuteWriter, value: unknown): void;
}

function codec<T>(
  read: (reader: JuteReader) => T,
  write: (writer: JuteWriter, value: T) => void,
): RecordCodec {
  return { read, write: (writer, value) => write(writer, value as T) };
}

const create = codec(readCreateRequest, writeCreateRequest);
const watched = codec(readGetDataRequest, writeGetDataRequest);
const path = codec(readSyncRequest, writeSyncRequest);

/** What stands behind the header of a request. */
export const REQUEST_CODECS: ReadonlyMap<number, RecordCodec> = new Map([
  [OpCode.create, create],
  [OpCode.create2, create],
  [OpCode.createContainer, create],
  [OpCode.createTTL, codec(readCreateTtlRequest, writeCreateTtlRequest)],
  [OpCode.delete, codec(readDeleteRequest, writeDeleteRequest)],
  [OpCode.setData, codec(readSetDataRequest, writeSetDataRequest)],
  [OpCode.setACL, codec(readSetAclRequest, writeSetAclRequest)],
  [OpCode.check, codec(readCheckRequest, writeCheckRequest)],
  [OpCode.multi, codec(readMultiRequest, writeMultiRequest)],
  [OpCode.multiRead, codec(readMultiReadRequest, writeMultiReadRequest)],
  [OpCode.exists, watched],
  [OpCode.getData, watched],
  [OpCode.getChildren, watched],
  [OpCode.getChildren2, watched],
  [OpCode.getACL, path],
  [OpCode.getAllChildrenNumber, path],
  [OpCode.getEphemerals, codec(readGetEphemeralsRequest, writeGetEphemeralsRequest)],
  [OpCode.sync, path],
  [OpCode.addWatch, codec(readAddWatchRequest, writeAddWatchRequest)],
  [OpCode.checkWatches, codec(readCheckWatchesRequest, writeCheckWatchesRequest)],
  [OpCode.removeWatches, codec(readCheckWatchesRequest, writeCheckWatchesRequest)],
  [OpCode.setWatches, codec(readSetWatchesRequest, writeSetWatchesRequest)],
  [OpCode.setWatches2, codec(readSetWatches2Request, writeSetWatches2Request)],
  [OpCode.auth, codec(readAuthRequest, writeAuthRequest)],
]);

/** The frame before all others, and what clients read: none of it has a header here. */
export const OTHER_CODECS: readonly RecordCodec[] = [
  codec(readConnectRequest, writeConnectRequest),
  codec(readConnectResponse, writeConnectResponse),
  codec(readGetDataResponse, (writer, value) =>
    writeGetDataResponse(writer, value.data, value.stat),
  ),
  codec(readExistsResponse, (writer, value) => writeExistsResponse(writer, value.stat)),
  codec(readMultiResponse, writeMultiResponse),
  codec(readMultiReadResponse, writeMultiReadResponse),
  codec(readWhoAmIResponse, (writer, value) => writeWhoAmIResponse(writer, value.clientInfo)),
];

/** More of what clients read: only that they end well is looked at. */
export const RESPONSE_READERS: readonly ((reader: JuteReader) => unknown)[] = [
  readCreateResponse,
  readCreate2Response,
  readGetAclResponse,
  readGetChildrenResponse,
  readGetChildren2Response,
  readWatcherEvent,
  readAddWatchResponse,
];
