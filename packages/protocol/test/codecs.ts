import fc from 'fast-check';
import * as protocol from '../src/index.ts';
import { readMultiRequest, writeMultiRequest } from '../src/index.ts';
import type { JuteReader, JuteWriter } from '../src/index.ts';

/** One message with both of its directions, and an example whose bytes were written by hand. */
export interface Codec<T> {
  readonly name: string;
  readonly arbitrary: fc.Arbitrary<T>;
  readonly write: (writer: JuteWriter, value: T) => void;
  readonly read: (reader: JuteReader) => T;
  readonly golden: { readonly value: T; readonly hex: string };
}

function codec<T>(definition: Codec<T>): Codec<unknown> {
  return definition as unknown as Codec<unknown>;
}

const int = fc.integer();
const long = fc.maxSafeInteger();
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const bytes = fc.option(fc.uint8Array({ maxLength: 60 }), { nil: null });
const acls = fc.array(fc.record({ perms: int, scheme: text, id: text }), { maxLength: 3 });
const word = fc.nat({ max: 0xffff_ffff });
const owner = fc
  .tuple(int, word)
  .map(([ephemeralOwnerHigh, ephemeralOwnerLow]) => ({ ephemeralOwnerHigh, ephemeralOwnerLow }))
  .map((words) => ({ ...words, ephemeralOwner: protocol.ownerAsNumber(words) }));
const statFields = fc.record({
  czxid: long,
  mzxid: long,
  ctime: long,
  mtime: long,
  version: int,
  cversion: int,
  aversion: int,
  dataLength: int,
  numChildren: int,
  pzxid: long,
});
const stat = fc.tuple(statFields, owner).map(([fields, words]) => ({ ...fields, ...words }));
const readOnly = fc.option(fc.boolean(), { nil: undefined });
const watched = fc.record({ path: text, watch: fc.boolean() });
const versioned = fc.record({ path: text, version: int });
const createRequest = fc.record({ path: text, data: bytes, acls, flags: int });
const createTtlRequest = fc
  .tuple(createRequest, long)
  .map(([request, ttlMs]) => ({ ...request, ttlMs }));
const setDataRequest = fc.record({ path: text, data: bytes, version: int });

const statValue: protocol.Stat = {
  czxid: 1,
  mzxid: 2,
  ctime: 0x18c_2222_3333,
  mtime: -1,
  version: 4,
  cversion: -1,
  aversion: 6,
  ephemeralOwner: 0x1_0000_0007,
  ephemeralOwnerHigh: 1,
  ephemeralOwnerLow: 7,
  dataLength: 8,
  numChildren: 9,
  pzxid: 10,
};
const statHex = `
  0000000000000001 0000000000000002 0000018c22223333 ffffffffffffffff
  00000004 ffffffff 00000006 0000000100000007 00000008 00000009 000000000000000a`;
const openAclHex = '00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65';
const pathA = '00000002 2f61';
const data = new Uint8Array([0xca, 0xfe]);
const dataHex = '00000002 cafe';
const nineNames = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
const passwd = new Uint8Array(16).fill(7);
const passwdHex = '00000010 07070707070707070707070707070707';

const watchedGolden = { value: { path: '/a', watch: true }, hex: `${pathA} 01` };
const ttlValue = { path: '/a', data, acls: protocol.OPEN_ACL, flags: 5, ttlMs: 0xff_ffff_ffff };
const ttlHex = `${pathA} ${dataHex} ${openAclHex} 00000005 000000ffffffffff`;
const createValue = { path: '/a', data, acls: protocol.OPEN_ACL, flags: 3 };
const createHex = `${pathA} ${dataHex} ${openAclHex} 00000003`;

const multiOperation: fc.Arbitrary<protocol.MultiOperation> = fc.oneof(
  fc.record({
    opCode: fc.constantFrom(1 as const, 15 as const, 19 as const),
    request: createRequest,
  }),
  fc.record({ opCode: fc.constant(21 as const), request: createTtlRequest }),
  fc.record({ opCode: fc.constant(2 as const), request: versioned }),
  fc.record({ opCode: fc.constant(5 as const), request: setDataRequest }),
  fc.record({ opCode: fc.constant(13 as const), request: versioned }),
);
const multiReadResult: fc.Arbitrary<protocol.MultiReadResult> = fc.oneof(
  fc.record({ opCode: fc.constant(4 as const), data: bytes, stat }),
  fc.record({ opCode: fc.constant(8 as const), children: fc.array(text, { maxLength: 4 }) }),
  fc.record({ opCode: fc.constant(-1 as const), error: int }),
);
const multiResult: fc.Arbitrary<protocol.MultiResult> = fc.oneof(
  fc.record({ opCode: fc.constant(1 as const), path: text }),
  fc.record({ opCode: fc.constant(15 as const), path: text, stat }),
  fc.record({ opCode: fc.constantFrom(2 as const, 13 as const) }),
  fc.record({ opCode: fc.constant(5 as const), stat }),
  fc.record({ opCode: fc.constant(-1 as const), error: int }),
);

export const codecs: readonly Codec<unknown>[] = [
  codec({
    name: 'connect request',
    arbitrary: fc.record({
      protocolVersion: int,
      lastZxidSeen: long,
      timeoutMs: int,
      sessionId: long,
      passwd: bytes,
      readOnly,
    }),
    write: protocol.writeConnectRequest,
    read: protocol.readConnectRequest,
    golden: {
      value: {
        protocolVersion: 0,
        lastZxidSeen: 0x1_0000_0002,
        timeoutMs: 10_000,
        sessionId: 5,
        passwd,
        readOnly: false,
      },
      hex: `00000000 0000000100000002 00002710 0000000000000005 ${passwdHex} 00`,
    },
  }),
  codec({
    name: 'connect response',
    arbitrary: fc.record({
      protocolVersion: int,
      timeoutMs: int,
      sessionId: long,
      passwd: bytes,
      readOnly,
    }),
    write: protocol.writeConnectResponse,
    read: protocol.readConnectResponse,
    golden: {
      value: { protocolVersion: 0, timeoutMs: 4000, sessionId: 5, passwd, readOnly: true },
      hex: `00000000 00000fa0 0000000000000005 ${passwdHex} 01`,
    },
  }),
  codec({
    name: 'request header',
    arbitrary: fc.record({ xid: int, opCode: int }),
    write: (w, v) => protocol.writeRequestHeader(w, v.xid, v.opCode),
    read: protocol.readRequestHeader,
    golden: { value: { xid: -2, opCode: 11 }, hex: 'fffffffe 0000000b' },
  }),
  codec({
    name: 'reply header',
    arbitrary: fc.record({ xid: int, zxid: long, error: int }),
    write: (w, v) => protocol.writeReplyHeader(w, v.xid, v.zxid, v.error),
    read: protocol.readReplyHeader,
    golden: {
      value: { xid: 1, zxid: 3, error: -101 },
      hex: '00000001 0000000000000003 ffffff9b',
    },
  }),
  codec({
    name: 'watcher event',
    arbitrary: fc.record({ type: int, state: int, path: text }),
    write: (w, v) => protocol.writeWatcherEvent(w, v.type, v.state, v.path),
    read: protocol.readWatcherEvent,
    golden: { value: { type: 3, state: 3, path: '/a' }, hex: `00000003 00000003 ${pathA}` },
  }),
  codec({
    name: 'create request',
    arbitrary: createRequest,
    write: protocol.writeCreateRequest,
    read: protocol.readCreateRequest,
    golden: { value: createValue, hex: createHex },
  }),
  codec({
    name: 'create response',
    arbitrary: fc.record({ path: text }),
    write: (w, v) => protocol.writeCreateResponse(w, v.path),
    read: protocol.readCreateResponse,
    golden: { value: { path: '/a' }, hex: pathA },
  }),
  codec({
    name: 'create2 response',
    arbitrary: fc.record({ path: text, stat }),
    write: (w, v) => protocol.writeCreate2Response(w, v.path, v.stat),
    read: protocol.readCreate2Response,
    golden: { value: { path: '/a', stat: statValue }, hex: `${pathA} ${statHex}` },
  }),
  codec({
    name: 'delete request',
    arbitrary: versioned,
    write: protocol.writeDeleteRequest,
    read: protocol.readDeleteRequest,
    golden: { value: { path: '/a', version: -1 }, hex: `${pathA} ffffffff` },
  }),
  codec({
    name: 'check request',
    arbitrary: versioned,
    write: protocol.writeCheckRequest,
    read: protocol.readCheckRequest,
    golden: { value: { path: '/a', version: 2 }, hex: `${pathA} 00000002` },
  }),
  codec({
    name: 'exists request',
    arbitrary: watched,
    write: protocol.writeExistsRequest,
    read: protocol.readExistsRequest,
    golden: watchedGolden,
  }),
  codec({
    name: 'exists response',
    arbitrary: fc.record({ stat }),
    write: (w, v) => protocol.writeExistsResponse(w, v.stat),
    read: protocol.readExistsResponse,
    golden: { value: { stat: statValue }, hex: statHex },
  }),
  codec({
    name: 'getData request',
    arbitrary: watched,
    write: protocol.writeGetDataRequest,
    read: protocol.readGetDataRequest,
    golden: watchedGolden,
  }),
  codec({
    name: 'getData response',
    arbitrary: fc.record({ data: bytes, stat }),
    write: (w, v) => protocol.writeGetDataResponse(w, v.data, v.stat),
    read: protocol.readGetDataResponse,
    golden: { value: { data: null, stat: statValue }, hex: `ffffffff ${statHex}` },
  }),
  codec({
    name: 'setData request',
    arbitrary: setDataRequest,
    write: protocol.writeSetDataRequest,
    read: protocol.readSetDataRequest,
    golden: { value: { path: '/a', data, version: 1 }, hex: `${pathA} ${dataHex} 00000001` },
  }),
  codec({
    name: 'setData response',
    arbitrary: fc.record({ stat }),
    write: (w, v) => protocol.writeSetDataResponse(w, v.stat),
    read: protocol.readSetDataResponse,
    golden: { value: { stat: statValue }, hex: statHex },
  }),
  codec({
    name: 'getChildren request',
    arbitrary: watched,
    write: protocol.writeGetChildrenRequest,
    read: protocol.readGetChildrenRequest,
    golden: watchedGolden,
  }),
  codec({
    name: 'getChildren response',
    arbitrary: fc.record({ children: fc.array(text) }),
    write: (w, v) => protocol.writeGetChildrenResponse(w, v.children, v.children.length),
    read: protocol.readGetChildrenResponse,
    golden: { value: { children: ['a', 'ü'] }, hex: '00000002 00000001 61 00000002 c3bc' },
  }),
  codec({
    name: 'getChildren2 request',
    arbitrary: watched,
    write: protocol.writeGetChildren2Request,
    read: protocol.readGetChildren2Request,
    golden: watchedGolden,
  }),
  codec({
    name: 'getChildren2 response',
    arbitrary: fc
      .record({ children: fc.array(text), stat })
      .map((v) => ({ ...v, stat: { ...v.stat, numChildren: v.children.length } })),
    write: (w, v) => protocol.writeGetChildren2Response(w, v.children, v.stat),
    read: protocol.readGetChildren2Response,
    golden: {
      value: { children: nineNames, stat: statValue },
      hex: `00000009 ${nineNames.map((_, i) => `00000001 6${i + 1}`).join(' ')} ${statHex}`,
    },
  }),
  codec({
    name: 'getACL request',
    arbitrary: fc.record({ path: text }),
    write: protocol.writeGetAclRequest,
    read: protocol.readGetAclRequest,
    golden: { value: { path: '/a' }, hex: pathA },
  }),
  codec({
    name: 'getACL response',
    arbitrary: fc.record({ acls, stat }),
    write: (w, v) => protocol.writeGetAclResponse(w, v.acls, v.stat),
    read: protocol.readGetAclResponse,
    golden: {
      value: { acls: protocol.OPEN_ACL, stat: statValue },
      hex: `${openAclHex} ${statHex}`,
    },
  }),
  codec({
    name: 'setACL request',
    arbitrary: fc.record({ path: text, acls, version: int }),
    write: protocol.writeSetAclRequest,
    read: protocol.readSetAclRequest,
    golden: {
      value: { path: '/a', acls: [{ perms: 1, scheme: 'ip', id: '::1' }], version: 0 },
      hex: `${pathA} 00000001 00000001 00000002 6970 00000003 3a3a31 00000000`,
    },
  }),
  codec({
    name: 'setACL response',
    arbitrary: fc.record({ stat }),
    write: (w, v) => protocol.writeSetAclResponse(w, v.stat),
    read: protocol.readSetAclResponse,
    golden: { value: { stat: statValue }, hex: statHex },
  }),
  codec({
    name: 'sync request',
    arbitrary: fc.record({ path: text }),
    write: protocol.writeSyncRequest,
    read: protocol.readSyncRequest,
    golden: { value: { path: '/a' }, hex: pathA },
  }),
  codec({
    name: 'sync response',
    arbitrary: fc.record({ path: text }),
    write: (w, v) => protocol.writeSyncResponse(w, v.path),
    read: protocol.readSyncResponse,
    golden: { value: { path: '/a' }, hex: pathA },
  }),
  codec({
    name: 'auth request',
    arbitrary: fc.record({ type: int, scheme: text, auth: bytes }),
    write: protocol.writeAuthRequest,
    read: protocol.readAuthRequest,
    golden: {
      value: { type: 0, scheme: 'digest', auth: new Uint8Array([0x61, 0x3a, 0x62]) },
      hex: '00000000 00000006 646967657374 00000003 613a62',
    },
  }),
  codec({
    name: 'setWatches request',
    arbitrary: fc.record({
      relativeZxid: long,
      dataWatches: fc.array(text),
      existWatches: fc.array(text),
      childWatches: fc.array(text),
    }),
    write: protocol.writeSetWatchesRequest,
    read: protocol.readSetWatchesRequest,
    golden: {
      value: { relativeZxid: 9, dataWatches: ['/a'], existWatches: [], childWatches: ['/a', '/a'] },
      hex: `0000000000000009 00000001 ${pathA} 00000000 00000002 ${pathA} ${pathA}`,
    },
  }),
  codec({
    name: 'createTTL request',
    arbitrary: createTtlRequest,
    write: protocol.writeCreateTtlRequest,
    read: protocol.readCreateTtlRequest,
    golden: { value: ttlValue, hex: ttlHex },
  }),
  codec({
    name: 'getAllChildrenNumber request',
    arbitrary: fc.record({ path: text }),
    write: protocol.writeGetAllChildrenNumberRequest,
    read: protocol.readGetAllChildrenNumberRequest,
    golden: { value: { path: '/a' }, hex: pathA },
  }),
  codec({
    name: 'getAllChildrenNumber response',
    arbitrary: fc.record({ totalNumber: int }),
    write: (w, v) => protocol.writeGetAllChildrenNumberResponse(w, v.totalNumber),
    read: protocol.readGetAllChildrenNumberResponse,
    golden: { value: { totalNumber: 258 }, hex: '00000102' },
  }),
  codec({
    name: 'getEphemerals request',
    arbitrary: fc.record({ prefixPath: fc.option(text) }),
    write: protocol.writeGetEphemeralsRequest,
    read: protocol.readGetEphemeralsRequest,
    golden: { value: { prefixPath: '/a' }, hex: pathA },
  }),
  codec({
    name: 'getEphemerals response',
    arbitrary: fc.record({ ephemerals: fc.array(text) }),
    write: (w, v) => protocol.writeGetEphemeralsResponse(w, v.ephemerals),
    read: protocol.readGetEphemeralsResponse,
    golden: { value: { ephemerals: ['/a', '/a'] }, hex: `00000002 ${pathA} ${pathA}` },
  }),
  codec({
    name: 'addWatch request',
    arbitrary: fc.record({ path: text, mode: int }),
    write: protocol.writeAddWatchRequest,
    read: protocol.readAddWatchRequest,
    golden: { value: { path: '/a', mode: 1 }, hex: `${pathA} 00000001` },
  }),
  codec({
    name: 'addWatch response',
    arbitrary: fc.constant({ error: 0 }),
    write: (w) => protocol.writeAddWatchResponse(w),
    read: protocol.readAddWatchResponse,
    golden: { value: { error: 0 }, hex: '00000000' },
  }),
  codec({
    name: 'reconfig request',
    arbitrary: fc.record({
      joiningServers: fc.option(text, { nil: null }),
      leavingServers: fc.option(text, { nil: null }),
      newMembers: fc.option(text, { nil: null }),
      curConfigId: long,
    }),
    write: protocol.writeReconfigRequest,
    read: protocol.readReconfigRequest,
    golden: {
      value: { joiningServers: '/a', leavingServers: '', newMembers: null, curConfigId: -1 },
      hex: `${pathA} 00000000 ffffffff ffffffffffffffff`,
    },
  }),
  codec({
    name: 'SASL token',
    arbitrary: fc.record({ token: bytes }),
    write: protocol.writeSaslToken,
    read: protocol.readSaslToken,
    golden: { value: { token: data }, hex: dataHex },
  }),
  codec({
    name: 'checkWatches request',
    arbitrary: fc.record({ path: text, type: int }),
    write: protocol.writeCheckWatchesRequest,
    read: protocol.readCheckWatchesRequest,
    golden: { value: { path: '/a', type: 3 }, hex: `${pathA} 00000003` },
  }),
  codec({
    name: 'removeWatches request',
    arbitrary: fc.record({ path: text, type: int }),
    write: protocol.writeRemoveWatchesRequest,
    read: protocol.readRemoveWatchesRequest,
    golden: { value: { path: '/a', type: 5 }, hex: `${pathA} 00000005` },
  }),
  codec({
    name: 'setWatches2 request',
    arbitrary: fc.record({
      relativeZxid: long,
      dataWatches: fc.array(text),
      existWatches: fc.array(text),
      childWatches: fc.array(text),
      persistentWatches: fc.array(text),
      persistentRecursiveWatches: fc.array(text),
    }),
    write: protocol.writeSetWatches2Request,
    read: protocol.readSetWatches2Request,
    golden: {
      value: {
        relativeZxid: 9,
        dataWatches: [],
        existWatches: ['/a'],
        childWatches: [],
        persistentWatches: ['/a'],
        persistentRecursiveWatches: ['/a', '/a'],
      },
      hex: `0000000000000009 00000000 00000001 ${pathA} 00000000
        00000001 ${pathA} 00000002 ${pathA} ${pathA}`,
    },
  }),
  codec({
    name: 'whoAmI response',
    arbitrary: fc.record({
      clientInfo: fc.array(fc.record({ authScheme: text, user: text }), { maxLength: 3 }),
    }),
    write: (w, v) => protocol.writeWhoAmIResponse(w, v.clientInfo),
    read: protocol.readWhoAmIResponse,
    golden: {
      value: { clientInfo: [{ authScheme: 'ip', user: '::1' }] },
      hex: '00000001 00000002 6970 00000003 3a3a31',
    },
  }),
  codec({
    name: 'multiRead request',
    arbitrary: fc.array(
      fc.record({ opCode: fc.constantFrom(4 as const, 8 as const), path: text }),
      { maxLength: 5 },
    ),
    write: protocol.writeMultiReadRequest,
    read: protocol.readMultiReadRequest,
    golden: {
      value: [
        { opCode: 4, path: '/a' },
        { opCode: 8, path: '/a' },
      ],
      hex: `
        00000004 00 ffffffff ${pathA} 00
        00000008 00 ffffffff ${pathA} 00
        ffffffff 01 ffffffff`,
    },
  }),
  codec({
    name: 'multiRead response',
    arbitrary: fc.array(multiReadResult, { maxLength: 5 }),
    write: protocol.writeMultiReadResponse,
    read: protocol.readMultiReadResponse,
    golden: {
      value: [
        { opCode: 4, data, stat: statValue },
        { opCode: 8, children: ['a'] },
        { opCode: -1, error: -101 },
      ],
      hex: `
        00000004 00 00000000 ${dataHex} ${statHex}
        00000008 00 00000000 00000001 00000001 61
        ffffffff 00 ffffff9b ffffff9b
        ffffffff 01 ffffffff`,
    },
  }),
  codec({
    name: 'multi request',
    arbitrary: fc.array(multiOperation, { maxLength: 5 }),
    write: writeMultiRequest,
    read: readMultiRequest,
    golden: {
      value: [
        { opCode: 13, request: { path: '/a', version: 7 } },
        { opCode: 1, request: createValue },
        { opCode: 2, request: { path: '/a', version: -1 } },
        { opCode: 5, request: { path: '/a', data, version: 1 } },
        { opCode: 19, request: { ...createValue, flags: 4 } },
        { opCode: 21, request: ttlValue },
      ],
      hex: `
        0000000d 00 ffffffff ${pathA} 00000007
        00000001 00 ffffffff ${createHex}
        00000002 00 ffffffff ${pathA} ffffffff
        00000005 00 ffffffff ${pathA} ${dataHex} 00000001
        00000013 00 ffffffff ${pathA} ${dataHex} ${openAclHex} 00000004
        00000015 00 ffffffff ${ttlHex}
        ffffffff 01 ffffffff`,
    },
  }),
  codec({
    name: 'multi response',
    arbitrary: fc.array(multiResult, { maxLength: 5 }),
    write: protocol.writeMultiResponse,
    read: protocol.readMultiResponse,
    golden: {
      value: [
        { opCode: 13 },
        { opCode: 1, path: '/a' },
        { opCode: 15, path: '/a', stat: statValue },
        { opCode: 2 },
        { opCode: 5, stat: statValue },
        { opCode: -1, error: -110 },
      ],
      hex: `
        0000000d 00 00000000
        00000001 00 00000000 ${pathA}
        0000000f 00 00000000 ${pathA} ${statHex}
        00000002 00 00000000
        00000005 00 00000000 ${statHex}
        ffffffff 00 ffffff92 ffffff92
        ffffffff 01 ffffffff`,
    },
  }),
];

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replace(/\s/g, ''), 'hex'));
}
