import {
  ErrorCode,
  OpCode,
  readAddWatchResponse,
  readCreate2Response,
  readExistsResponse,
  readGetAclResponse,
  readGetAllChildrenNumberResponse,
  readGetChildren2Response,
  readGetDataResponse,
  readGetEphemeralsResponse,
  readSaslToken,
  readSetAclResponse,
  readSetDataResponse,
  readSyncResponse,
  readWhoAmIResponse,
  writeAddWatchRequest,
  writeCreateRequest,
  writeCreateTtlRequest,
  writeDeleteRequest,
  writeGetAclRequest,
  writeGetAllChildrenNumberRequest,
  writeGetEphemeralsRequest,
  writeMultiRequest,
  writeRemoveWatchesRequest,
  writeSaslToken,
  writeSetAclRequest,
  writeSetDataRequest,
  writeSyncRequest,
  writeExistsRequest,
  writeGetChildren2Request,
  writeGetDataRequest,
  type AddWatchRequest,
  type ClientInfo,
  type CreateRequest,
  type CreateTtlRequest,
  type DeleteRequest,
  type GetAclRequest,
  type GetAllChildrenNumberRequest,
  type GetEphemeralsRequest,
  type JuteReader,
  type RemoveWatchesRequest,
  type SetAclRequest,
  type SetDataRequest,
  type Stat,
  type SyncRequest,
  type ExistsRequest,
  type GetChildren2Request,
  type GetDataRequest,
} from '@bellwether/protocol';
import type { Chroot } from '../paths.ts';
import type { Operation } from '../session/request.ts';
import {
  copyData,
  type AclsAndStat,
  type ChildrenAndStat,
  type Created,
  type DataAndStat,
} from './results.ts';

function readCreated(reader: JuteReader, chroot: Chroot): Created {
  const { path, stat } = readCreate2Response(reader);
  return { path: chroot.inside(path), stat };
}

const nothing = (): void => undefined;

const ROOT_IS_THERE = { opCode: OpCode.check, request: { path: '/', version: -1 } } as const;

export const createOperation: Operation<CreateRequest, Created> = {
  name: 'create',
  opCode: OpCode.create2,
  kind: 'write',
  write: writeCreateRequest,
  read: readCreated,
};

export const createContainerOperation: Operation<CreateRequest, Created> = {
  ...createOperation,
  opCode: OpCode.createContainer,
};

export const createTtlOperation: Operation<CreateTtlRequest, Created> = {
  name: 'create',
  opCode: OpCode.createTTL,
  kind: 'write',
  write: writeCreateTtlRequest,
  read: readCreated,
};

export const deleteOperation: Operation<DeleteRequest, void> = {
  name: 'delete',
  opCode: OpCode.delete,
  kind: 'write',
  write: writeDeleteRequest,
  read: nothing,
};

export const existsOperation: Operation<ExistsRequest, Stat | null> = {
  name: 'exists',
  opCode: OpCode.exists,
  kind: 'read',
  write: writeExistsRequest,
  read: (reader) => readExistsResponse(reader).stat,
  resultOfError: (error) => (error === ErrorCode.noNode ? null : undefined),
};

export const getDataOperation: Operation<GetDataRequest, DataAndStat> = {
  name: 'getData',
  opCode: OpCode.getData,
  kind: 'read',
  write: writeGetDataRequest,
  read(reader) {
    const { data, stat } = readGetDataResponse(reader);
    return { data: copyData(data), stat };
  },
};

export const setDataOperation: Operation<SetDataRequest, Stat> = {
  name: 'setData',
  opCode: OpCode.setData,
  kind: 'write',
  write: writeSetDataRequest,
  read: (reader) => readSetDataResponse(reader).stat,
};

export const getChildrenOperation: Operation<GetChildren2Request, ChildrenAndStat> = {
  name: 'getChildren',
  opCode: OpCode.getChildren2,
  kind: 'read',
  write: writeGetChildren2Request,
  read: readGetChildren2Response,
};

export const getAclOperation: Operation<GetAclRequest, AclsAndStat> = {
  name: 'getAcl',
  opCode: OpCode.getACL,
  kind: 'read',
  write: writeGetAclRequest,
  read: readGetAclResponse,
};

export const setAclOperation: Operation<SetAclRequest, Stat> = {
  name: 'setAcl',
  opCode: OpCode.setACL,
  kind: 'write',
  write: writeSetAclRequest,
  read: (reader) => readSetAclResponse(reader).stat,
};

export const getAllChildrenNumberOperation: Operation<GetAllChildrenNumberRequest, number> = {
  name: 'getAllChildrenNumber',
  opCode: OpCode.getAllChildrenNumber,
  kind: 'read',
  write: writeGetAllChildrenNumberRequest,
  read: (reader) => readGetAllChildrenNumberResponse(reader).totalNumber,
};

export const getEphemeralsOperation: Operation<GetEphemeralsRequest, readonly string[]> = {
  name: 'getEphemerals',
  opCode: OpCode.getEphemerals,
  kind: 'read',
  write: writeGetEphemeralsRequest,
  read: (reader, chroot) =>
    readGetEphemeralsResponse(reader).ephemerals.map((path) => chroot.inside(path)),
};

export const syncOperation: Operation<SyncRequest, void> = {
  name: 'sync',
  opCode: OpCode.sync,
  kind: 'read',
  write: writeSyncRequest,
  read: (reader) => void readSyncResponse(reader),
};

/** Repeating it changes nothing, so that it survives a reconnect as a read does. */
export const addWatchOperation: Operation<AddWatchRequest, void> = {
  name: 'addWatch',
  opCode: OpCode.addWatch,
  kind: 'read',
  write: writeAddWatchRequest,
  read: (reader) => void readAddWatchResponse(reader),
};

export const removeWatchesOperation: Operation<RemoveWatchesRequest, void> = {
  name: 'removeWatches',
  opCode: OpCode.removeWatches,
  kind: 'write',
  write: writeRemoveWatchesRequest,
  read: nothing,
};

export const whoAmIOperation: Operation<null, readonly ClientInfo[]> = {
  name: 'whoAmI',
  opCode: OpCode.whoAmI,
  kind: 'read',
  write: nothing,
  read: (reader) => readWhoAmIResponse(reader).clientInfo,
};

export const closeSessionOperation: Operation<null, void> = {
  name: 'closeSession',
  opCode: OpCode.closeSession,
  kind: 'write',
  write: nothing,
  read: nothing,
};

/**
 * Changes nothing, and yet a quorum decides it: a transaction that only looks whether the root is
 * there. Whatever comes of it, the session lived then.
 */
export const confirmOperation: Operation<null, void> = {
  name: 'confirm',
  opCode: OpCode.multi,
  kind: 'write',
  write: (writer) => writeMultiRequest(writer, [ROOT_IS_THERE]),
  read: nothing,
};

export const saslOperation: Operation<Uint8Array, Uint8Array> = {
  name: 'sasl',
  opCode: OpCode.sasl,
  kind: 'write',
  write: (writer, token) => writeSaslToken(writer, { token }),
  read: (reader) => readSaslToken(reader).token?.slice() ?? new Uint8Array(0),
};
