import { CreateMode, OPEN_ACL, Permission, READ_ACL } from '@bellwether/protocol';
import { FRAME_BYTES_MAX, SESSION_TIMEOUT_MS } from './limits.ts';
import type { Acls, AskedAcl, Data } from './steps.ts';
import { CLEANER_ACL, digestOf, SUPER_USER } from './users.ts';

/*
 * The values that random steps are made of: few, so that sessions get into each other's way.
 */

/** Where znodes come and go. */
export const PATHS: readonly string[] = [
  '/a',
  '/b',
  '/c',
  '/a/x',
  '/a/y',
  '/a/x/deep',
  '/a/x/deep/er',
  '/b/x',
  '/b/é',
  '/b/日本',
  '/c/.hidden',
  '/c/with space',
];

/** What most rounds begin with, parents first. */
export const FURNITURE: readonly string[] = ['/a', '/b', '/c', '/a/x', '/a/x/deep', '/b/é'];

/** Where most watches are, so that those who look for one find it. */
export const WATCHED_PATHS: readonly string[] = ['/a', '/b', '/a/x'];

/** What a sequence number is put behind. */
export const PREFIXES: readonly string[] = ['/a/n-', '/b/', '/n-', '/a/x/lock-', '/b/x/n', '/c'];

/** Those that are always there, and those that never are. */
export const ODD_PATHS: readonly (string | null)[] = [
  '/',
  '/zookeeper',
  '/zookeeper/quota',
  '/zookeeper/config',
  '/zookeeper/new',
  '',
  'a',
  'a/b',
  '/a/',
  '/a//x',
  '//',
  '/.',
  '/..',
  '/a/.',
  '/a/..',
  '/a/./x',
  '/a/...',
  '/./a',
  '/a\u0000',
  '/a\u0001b',
  '/a\u001f',
  '/a\u007f',
  '/a\u009f',
  '/a\u00a0',
  '/a\ud7ff',
  '/a\uf8ff',
  '/a\uf900',
  '/a\uffef',
  '/a\ufff0',
  '/a\u{1F600}',
  '/missing/child',
  null,
];

/** Where quotas are kept, and what is in the subtrees that they are about. */
export const QUOTA_PATHS: readonly string[] = ['/a', '/a/x', '/b'].flatMap((path) => [
  `/zookeeper/quota${path}`,
  `/zookeeper/quota${path}`,
  `/zookeeper/quota${path}/zookeeper_limits`,
  `/zookeeper/quota${path}/zookeeper_limits`,
  `/zookeeper/quota${path}/zookeeper_stats`,
  `/zookeeper/quota${path}/other`,
]);

/** What stands in them: soft and hard limits, in several ways of writing, and none at all. */
export const QUOTA_TEXTS: readonly Data[] = [
  'count=3,bytes=-1',
  'count=-1,bytes=20',
  'count=4,bytes=10=;byteHardLimit=120;countHardLimit=6',
  'count=-1,bytes=-1=;byteHardLimit=8;countHardLimit=-1',
  'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=2',
  'bytes=5,count=2',
  'countHardLimit=3',
  'count=0,bytes=0',
  'count=7,bytes=700',
  '',
];

/** Observers that nobody starts, in whose names members join and leave. */
export const OBSERVERS: readonly string[] = [
  'server.100=127.0.0.1:1:2:observer;127.0.0.1:3',
  'server.100=127.0.0.1:1:2:observer;127.0.0.1:4',
  'server.101=127.0.0.1:5:6:observer;127.0.0.1:7',
  'server.102=127.0.0.1:8:9:observer;10',
];
export const OBSERVER_IDS = '100,101,102';
export const LEAVING: readonly (string | null)[] = [
  null,
  '100',
  '101',
  '102',
  OBSERVER_IDS,
  '77',
  '',
];

/** Numbers of requests that mean something to clients, or that no client gives. */
export const XIDS: readonly number[] = [0, -2, -4, -8, -9, 2147483647, -2147483648];

export const VERSIONS: readonly number[] = [
  -1, -1, -1, -1, 0, 0, 1, 2, 3, -2, 2147483647, -2147483648,
];

export const SMALL_DATA: readonly Data[] = [
  '',
  'one',
  'two',
  'three',
  'déjà vu',
  null,
  { bytes: 100 },
];

/** Around jute.maxbuffer: the header and the path take about 60 bytes of it. */
export const LARGE_DATA: readonly Data[] = [
  { bytes: 5_000 },
  { bytes: 100_000 },
  { bytes: FRAME_BYTES_MAX - 200 },
  { bytes: FRAME_BYTES_MAX },
  { bytes: FRAME_BYTES_MAX + 5_000 },
];

export const USERS: readonly string[] = ['alice:secret', 'bob:hunter2', ':nobody', SUPER_USER];

/** Offers that prove nothing, or in a scheme that does not exist. */
export const ODD_OFFERS: readonly (readonly [string | null, Data])[] = [
  ['digest', ''],
  ['digest', null],
  ['digest', 'no-colon'],
  ['digest', 'a:b:c'],
  ['world', 'anyone'],
  ['ip', ''],
  ['ip', '127.0.0.1'],
  ['auth', ''],
  ['super', 'super:secret'],
  ['sasl', 'somebody'],
  ['x509', 'CN=somebody'],
  ['unheard-of', 'x'],
  ['', 'x'],
  [null, 'x'],
];

const { all, read, write, create, admin } = Permission;

function acl(perms: number, scheme: string | null, id: string | null): AskedAcl {
  return { perms, scheme, id };
}

/** Whoever cleans up can do so with each of them. */
export const ACLS: readonly Acls[] = [
  [...READ_ACL, CLEANER_ACL],
  [acl(all, 'auth', ''), CLEANER_ACL],
  [acl(read | admin, 'auth', 'ignored'), CLEANER_ACL],
  [acl(all, 'digest', digestOf(USERS[0]!)), CLEANER_ACL],
  [acl(read | write, 'digest', digestOf(USERS[1]!)), CLEANER_ACL],
  [acl(all, 'digest', digestOf(USERS[0]!)), acl(read, 'world', 'anyone'), CLEANER_ACL],
  [acl(all, 'ip', '127.0.0.1'), CLEANER_ACL],
  [acl(all, 'ip', '127.0.0.0/8'), CLEANER_ACL],
  [acl(read, 'ip', '10.0.0.0/8'), CLEANER_ACL],
  [acl(all, 'ip', '127.0.0.255/25'), acl(read, 'ip', '127.0.0.254/31'), CLEANER_ACL],
  [acl(all, 'ip', '+127.00.0.001/+8'), CLEANER_ACL],
  [acl(read, 'ip', '0.0.0.0/-0'), CLEANER_ACL],
  [acl(all, 'auth', null), CLEANER_ACL],
  [acl(all, 'digest', ':x'), acl(read, 'auth', ''), CLEANER_ACL],
  [acl(create | read, 'world', 'anyone'), acl(create | read, 'world', 'anyone'), CLEANER_ACL],
  [acl(0, 'world', 'anyone'), CLEANER_ACL],
  [acl(write, 'world', 'anyone'), CLEANER_ACL],
  [acl(63, 'world', 'anyone'), CLEANER_ACL],
  [acl(-1, 'world', 'anyone'), CLEANER_ACL],
];

/** Refused, as one hopes. */
export const ODD_ACLS: readonly Acls[] = [
  [],
  null,
  [acl(all, 'world', 'somebody')],
  [acl(all, 'world', 'anyone'), acl(all, 'world', 'nobody')],
  [acl(all, 'digest', 'no-colon')],
  [acl(all, 'digest', 'a:b:c')],
  [acl(all, 'digest', ':')],
  [acl(all, 'ip', 'localhost')],
  [acl(all, 'ip', '10.0.0.0/33')],
  [acl(all, 'ip', '10.0.0/8')],
  [acl(all, 'ip', '300.0.0.1')],
  [acl(all, 'ip', '10.0.0.0/-8')],
  [acl(all, 'ip', '10.0.0.0/')],
  [acl(all, 'ip', '10.0.0.0/8/8')],
  [acl(all, 'ip', '10.0.0.')],
  [acl(all, 'ip', ' 10.0.0.1')],
  [acl(all, 'ip', '10.0.0.0x1')],
  [acl(all, 'digest', ''), CLEANER_ACL],
  [acl(all, 'digest', 'a:'), CLEANER_ACL],
  [acl(all, 'digest', 'a::')],
  [acl(all, null, null)],
  [acl(all, null, 'anyone'), CLEANER_ACL],
  [acl(all, 'world', null)],
  [acl(all, 'digest', null)],
  [acl(all, 'kerberos', null)],
  [acl(all, 'kerberos', 'x')],
  [acl(all, 'super', 'x')],
  [acl(all, 'x509', 'x')],
  [acl(all, '', '')],
  [...OPEN_ACL, acl(all, 'auth', '')],
];

export const PERSISTENT_FLAGS: readonly number[] = [
  CreateMode.persistent,
  CreateMode.persistent,
  CreateMode.persistentSequential,
];
export const EPHEMERAL_FLAGS: readonly number[] = [
  CreateMode.ephemeral,
  CreateMode.ephemeral,
  CreateMode.ephemeralSequential,
];
/** Of what goes by itself: the TTLs are long enough for that not to happen in a run. */
export const MORTAL_FLAGS: readonly number[] = [
  CreateMode.container,
  CreateMode.persistentWithTtl,
  CreateMode.persistentSequentialWithTtl,
];
/** The last ones are beyond what is allowed (EphemeralType.TTL.maxValue). */
export const TTLS_MS: readonly number[] = [
  10_000_000, 10_000_000, 10_000_000, 0xff_ffff_ffff, 0x100_0000_0000, 0, -1, -1_000_000,
];

export const WATCH_MODES: readonly number[] = [0, 0, 0, 1, 1, 1, 2, -1];
export const WATCH_TYPES: readonly number[] = [1, 2, 3, 3, 3, 4, 5, 0, 6, -1];
export const EPHEMERAL_PREFIXES: readonly (string | null)[] = [
  '/',
  '',
  ' ',
  '\u0001/\t',
  '\u3000',
  '/a',
  '/a/n',
  'a',
  null,
];

/** Some of them ask for what other op codes are for. */
export const ODD_FLAGS: readonly number[] = [4, 5, 6, 7, 8, 99, -1, -2147483648];

/** Long enough for no session to expire in a run. */
export const TIMEOUTS_MS: readonly number[] = [
  SESSION_TIMEOUT_MS,
  SESSION_TIMEOUT_MS + 1,
  1_000_000_000,
  2_147_483_647,
];
