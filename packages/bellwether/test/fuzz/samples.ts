import {
  CreateMode,
  JuteWriter,
  OPEN_ACL,
  OpCode,
  Permission,
  READ_ACL,
  writeAddWatchRequest,
  writeAuthRequest,
  writeCheckRequest,
  writeCreateRequest,
  writeCreateTtlRequest,
  writeDeleteRequest,
  writeGetDataRequest,
  writeMultiReadRequest,
  writeMultiRequest,
  writeReconfigRequest,
  writeRemoveWatchesRequest,
  writeSaslToken,
  writeSetAclRequest,
  writeSetDataRequest,
  writeSetWatches2Request,
  writeSetWatchesRequest,
  writeSyncRequest,
  type Acl,
  type CreateRequest,
  type MultiOperation,
  type MultiReadOperation,
} from '@bellwether/protocol';
import type { Random } from './random.ts';

const PATHS = ['/a', '/b', '/a/x', '/a/x/y', '/b/x', '/ü/ñ', '/', '/zookeeper', '/no/such'];
const LONG_PATH = `/${'long'.repeat(60)}`;
const DATA = [null, new Uint8Array(0), new Uint8Array([1, 2, 3]), new Uint8Array(700).fill(65)];
const VERSIONS = [-1, -1, -1, 0, 1, 2, 0x7fff_ffff, -2];
const ACLS: readonly (readonly Acl[])[] = [
  OPEN_ACL,
  OPEN_ACL,
  OPEN_ACL,
  READ_ACL,
  [],
  [{ perms: Permission.all, scheme: 'auth', id: '' }],
  [{ perms: Permission.all, scheme: 'ip', id: '127.0.0.0/8' }],
  [{ perms: 3, scheme: 'digest', id: 'user:smGaoVKd/cQkjm7b88GyorAUz20=' }],
];

const pathOf = (random: Random): string =>
  random.oneIn(20) ? LONG_PATH : random.oneIn(8) ? random.pick(QUOTA_PATHS) : random.pick(PATHS);
const QUOTA_PATHS = [
  '/zookeeper/quota',
  '/zookeeper/quota/a',
  '/zookeeper/quota/a/zookeeper_limits',
  '/zookeeper/config',
];
const pathsOf = (random: Random): string[] =>
  Array.from({ length: random.below(4) }, () => pathOf(random));

function createOf(random: Random): CreateRequest {
  const data = random.pick(DATA);
  return {
    path: pathOf(random),
    data,
    acls: random.pick(ACLS),
    flags: random.below(4),
  };
}

function operationOf(random: Random): MultiOperation {
  const version = random.pick(VERSIONS);
  switch (random.below(6)) {
    case 0:
      return { opCode: OpCode.create, request: createOf(random) };
    case 1:
      return { opCode: OpCode.create2, request: createOf(random) };
    case 2:
      return { opCode: OpCode.delete, request: { path: pathOf(random), version } };
    case 3:
      return { opCode: OpCode.check, request: { path: pathOf(random), version } };
    case 4: {
      const request = { ...createOf(random), flags: CreateMode.persistentWithTtl, ttlMs: 1000 };
      return { opCode: OpCode.createTTL, request };
    }
    default: {
      const request = { path: pathOf(random), data: random.pick(DATA), version };
      return { opCode: OpCode.setData, request };
    }
  }
}

function readOf(random: Random): MultiReadOperation {
  const opCode = random.oneIn(2) ? OpCode.getData : OpCode.getChildren;
  return { opCode, path: pathOf(random) };
}

type Write = (writer: JuteWriter, random: Random) => void;

const writePath: Write = (writer, random) => writeSyncRequest(writer, { path: pathOf(random) });
const writeWatched: Write = (writer, random) =>
  writeGetDataRequest(writer, { path: pathOf(random), watch: random.oneIn(2) });
const writeWatchQuery: Write = (writer, random) =>
  writeRemoveWatchesRequest(writer, { path: pathOf(random), type: 1 + random.below(5) });
const writeCreate: Write = (writer, random) => writeCreateRequest(writer, createOf(random));
const serverLine = (id: number, role = 'observer'): string =>
  `server.${id}=10.0.0.${id}:2888:3888:${role};2181`;
const JOINING = [null, null, '', serverLine(2), `${serverLine(2)},${serverLine(3)}`, 'server.x=1'];
const LEAVING = [null, null, '', '2', '3,2', '1', 'x'];
const writeReconfig: Write = (writer, random) =>
  writeReconfigRequest(writer, {
    joiningServers: random.pick(JOINING),
    leavingServers: random.pick(LEAVING),
    newMembers: random.oneIn(4) ? `${serverLine(1, 'participant')}\n${serverLine(3)}` : null,
    curConfigId: random.pick(VERSIONS),
  });

const SASL_ANSWER =
  'charset=utf-8,username="ann",realm="zk-sasl-md5",nonce="bm9uY2U=",nc=00000001,cnonce="YQ==",' +
  'digest-uri="zookeeper/zk-sasl-md5",maxbuf=65536,response=0123456789abcdef0123456789abcdef,qop=auth';
const SASL_TOKENS = [null, '', '', SASL_ANSWER, '\x60\x81\x90'];
const writeSasl: Write = (writer, random) => {
  const text = random.pick(SASL_TOKENS);
  writeSaslToken(writer, { token: text === null ? null : Buffer.from(text, 'latin1') });
};

const writeNothing: Write = () => undefined;

const watchesOf = (random: Random) => ({
  relativeZxid: random.below(1000),
  dataWatches: pathsOf(random),
  existWatches: pathsOf(random),
  childWatches: pathsOf(random),
});

/** Every request that a client can make; an op code may come more than once, to come more often. */
export const REQUESTS: readonly { readonly opCode: number; readonly write: Write }[] = [
  { opCode: OpCode.create, write: writeCreate },
  { opCode: OpCode.create, write: writeCreate },
  { opCode: OpCode.create2, write: writeCreate },
  { opCode: OpCode.create2, write: writeCreate },
  {
    opCode: OpCode.createContainer,
    write: (writer, random) =>
      writeCreateRequest(writer, { ...createOf(random), flags: CreateMode.container }),
  },
  {
    opCode: OpCode.createTTL,
    write: (writer, random) =>
      writeCreateTtlRequest(writer, { ...createOf(random), flags: 5, ttlMs: random.below(9999) }),
  },
  {
    opCode: OpCode.delete,
    write: (writer, random) =>
      writeDeleteRequest(writer, { path: pathOf(random), version: random.pick(VERSIONS) }),
  },
  {
    opCode: OpCode.setData,
    write: (writer, random) =>
      writeSetDataRequest(writer, {
        path: pathOf(random),
        data: random.pick(DATA),
        version: random.pick(VERSIONS),
      }),
  },
  {
    opCode: OpCode.setACL,
    write: (writer, random) => {
      const path = pathOf(random);
      // Were the root closed to everybody, nothing would happen any more.
      const acls = path === '/' ? OPEN_ACL : random.pick(ACLS);
      writeSetAclRequest(writer, { path, acls, version: random.pick(VERSIONS) });
    },
  },
  {
    opCode: OpCode.check,
    write: (writer, random) =>
      writeCheckRequest(writer, { path: pathOf(random), version: random.pick(VERSIONS) }),
  },
  {
    opCode: OpCode.multi,
    write: (writer, random) =>
      writeMultiRequest(
        writer,
        Array.from({ length: random.below(5) }, () => operationOf(random)),
      ),
  },
  {
    opCode: OpCode.multiRead,
    write: (writer, random) =>
      writeMultiReadRequest(
        writer,
        Array.from({ length: random.below(5) }, () => readOf(random)),
      ),
  },
  { opCode: OpCode.exists, write: writeWatched },
  { opCode: OpCode.getData, write: writeWatched },
  { opCode: OpCode.getChildren, write: writeWatched },
  { opCode: OpCode.getChildren2, write: writeWatched },
  { opCode: OpCode.getACL, write: writePath },
  { opCode: OpCode.getAllChildrenNumber, write: writePath },
  { opCode: OpCode.getEphemerals, write: writePath },
  { opCode: OpCode.sync, write: writePath },
  {
    opCode: OpCode.addWatch,
    write: (writer, random) =>
      writeAddWatchRequest(writer, { path: pathOf(random), mode: random.below(2) }),
  },
  { opCode: OpCode.checkWatches, write: writeWatchQuery },
  { opCode: OpCode.removeWatches, write: writeWatchQuery },
  {
    opCode: OpCode.setWatches,
    write: (writer, random) => writeSetWatchesRequest(writer, watchesOf(random)),
  },
  {
    opCode: OpCode.setWatches2,
    write: (writer, random) =>
      writeSetWatches2Request(writer, {
        ...watchesOf(random),
        persistentWatches: pathsOf(random),
        persistentRecursiveWatches: pathsOf(random),
      }),
  },
  {
    opCode: OpCode.auth,
    write: (writer) =>
      writeAuthRequest(writer, { type: 0, scheme: 'digest', auth: Buffer.from('user:password') }),
  },
  { opCode: OpCode.reconfig, write: writeReconfig },
  { opCode: OpCode.sasl, write: writeSasl },
  { opCode: OpCode.whoAmI, write: writeNothing },
  { opCode: OpCode.ping, write: writeNothing },
];

/** Those that go through the log. */
const WRITES = REQUESTS.filter(({ opCode }) => isWrite(opCode));

function isWrite(opCode: number): boolean {
  const isCreate = opCode >= OpCode.createContainer && opCode <= OpCode.createTTL;
  const { create, create2, multi, setData, setACL, check } = OpCode;
  return (
    isCreate ||
    [create, create2, OpCode.delete, setData, setACL, check, multi].some((code) => code === opCode)
  );
}

export interface Sample {
  readonly opCode: number;
  /** What stands behind the header. */
  readonly body: Uint8Array;
}

/** A random valid request. */
export function sampleOf(random: Random): Sample {
  return written(random, REQUESTS);
}

/** A random valid request that changes something. */
export function writeSampleOf(random: Random): Sample {
  return written(random, WRITES);
}

function written(random: Random, from: typeof REQUESTS): Sample {
  const { opCode, write } = random.pick(from);
  const writer = new JuteWriter(256);
  write(writer, random);
  return { opCode, body: writer.copy() };
}
