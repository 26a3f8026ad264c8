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
  readGetAllChildrenNumberResponse,
  readGetChildren2Response,
  readGetChildrenResponse,
  readGetDataRequest,
  readGetDataResponse,
  readGetEphemeralsRequest,
  readGetEphemeralsResponse,
  readMultiReadRequest,
  readMultiReadResponse,
  readMultiRequest,
  readMultiResponse,
  readReconfigRequest,
  readSaslToken,
  readSetAclRequest,
  readSetDataRequest,
  readSetWatches2Request,
  readSetWatchesRequest,
  readSyncRequest,
  readSyncResponse,
  readWatcherEvent,
  readWhoAmIResponse,
  writeAddWatchRequest,
  writeAddWatchResponse,
  writeAuthRequest,
  writeCheckRequest,
  writeCheckWatchesRequest,
  writeConnectRequest,
  writeConnectResponse,
  writeCreate2Response,
  writeCreateRequest,
  writeCreateResponse,
  writeCreateTtlRequest,
  writeDeleteRequest,
  writeExistsResponse,
  writeGetAclResponse,
  writeGetAllChildrenNumberResponse,
  writeGetChildren2Response,
  writeGetChildrenResponse,
  writeGetDataRequest,
  writeGetDataResponse,
  writeGetEphemeralsRequest,
  writeGetEphemeralsResponse,
  writeMultiReadRequest,
  writeMultiReadResponse,
  writeMultiRequest,
  writeMultiResponse,
  writeReconfigRequest,
  writeSaslToken,
  writeSetAclRequest,
  writeSetDataRequest,
  writeSetWatches2Request,
  writeSetWatchesRequest,
  writeSyncRequest,
  writeSyncResponse,
  writeWatcherEvent,
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
const token = codec(readSaslToken, writeSaslToken);

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
  [OpCode.reconfig, codec(readReconfigRequest, writeReconfigRequest)],
  [OpCode.sasl, token],
]);

const exists = codec(readExistsResponse, (writer, { stat }) => writeExistsResponse(writer, stat));
const getChildren = codec(readGetChildrenResponse, (writer, { children }) =>
  writeGetChildrenResponse(writer, children, children.length),
);
const create2Response = codec(readCreate2Response, (writer, value) =>
  writeCreate2Response(writer, value.path, value.stat),
);
const getData = codec(readGetDataResponse, (writer, { data, stat }) =>
  writeGetDataResponse(writer, data, stat),
);
/** What stands behind the header of a reply without an error. */
export const RESPONSE_CODECS: ReadonlyMap<number, RecordCodec> = new Map([
  [
    OpCode.create,
    codec(readCreateResponse, (writer, { path }) => writeCreateResponse(writer, path)),
  ],
  [OpCode.create2, create2Response],
  [OpCode.createContainer, create2Response],
  [OpCode.createTTL, create2Response],
  [OpCode.exists, exists],
  [OpCode.setData, exists],
  [OpCode.setACL, exists],
  [OpCode.getData, getData],
  [OpCode.reconfig, getData],
  [OpCode.sasl, token],
  [
    OpCode.getACL,
    codec(readGetAclResponse, (writer, { acls, stat }) => writeGetAclResponse(writer, acls, stat)),
  ],
  [OpCode.getChildren, getChildren],
  [
    OpCode.getChildren2,
    codec(readGetChildren2Response, (writer, { children, stat }) => {
      writeGetChildren2Response(writer, children, { ...stat, numChildren: children.length });
    }),
  ],
  [
    OpCode.getAllChildrenNumber,
    codec(readGetAllChildrenNumberResponse, (writer, { totalNumber }) =>
      writeGetAllChildrenNumberResponse(writer, totalNumber),
    ),
  ],
  [
    OpCode.getEphemerals,
    codec(readGetEphemeralsResponse, (writer, { ephemerals }) =>
      writeGetEphemeralsResponse(writer, ephemerals),
    ),
  ],
  [OpCode.sync, codec(readSyncResponse, (writer, { path }) => writeSyncResponse(writer, path))],
  [OpCode.multi, codec(readMultiResponse, writeMultiResponse)],
  [OpCode.multiRead, codec(readMultiReadResponse, writeMultiReadResponse)],
  [OpCode.addWatch, codec(readAddWatchResponse, (writer) => writeAddWatchResponse(writer))],
  [
    OpCode.whoAmI,
    codec(readWhoAmIResponse, (writer, { clientInfo }) => writeWhoAmIResponse(writer, clientInfo)),
  ],
]);

/** The body of a reply that is a header alone. */
export const NO_BODY: RecordCodec = { read: () => null, write: () => undefined };

/** Of a frame with xid -1. */
export const EVENT_CODEC: RecordCodec = codec(readWatcherEvent, (writer, event) =>
  writeWatcherEvent(writer, event.type, event.state, event.path),
);

export const CONNECT_REQUEST: RecordCodec = codec(readConnectRequest, writeConnectRequest);
export const CONNECT_RESPONSE: RecordCodec = codec(readConnectResponse, writeConnectResponse);
