import { CreateMode, OPEN_ACL, Permission, READ_ACL, type Acl } from '@bellwether/protocol';
import { CLEANER_ACL, digestOf } from './cleaning.ts';
import { FRAME_BYTES_MAX, SESSION_TIMEOUT_MS } from './limits.ts';
import type { Acls, Data } from './steps.ts';

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

/** Both systems are configured to let this one do everything. */
export const SUPER_USER = 'root:secret';
export const SUPER_USER_ID: string = digestOf(SUPER_USER);

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

function acl(perms: number, scheme: string, id: string): Acl {
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
