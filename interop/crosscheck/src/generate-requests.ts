import { CreateMode, isCreateMode, isWithTtl, OPEN_ACL } from '@bellwether/protocol';
import type { Random } from './random.ts';
import type { Acls, CreateStep, Damage, Data, PartStep, Path, Request } from './steps.ts';
import { CLEANER_ACL, SUPER_USER } from './users.ts';
import * as words from './vocabulary.ts';

/** Op codes around those that exist; the ones that exist have generators of their own. */
const UNKNOWN_OP_CODES: readonly number[] = [
  -12, -2, -1, 0, 10, 23, 24, 50, 99, 108, 109, 1000, 2147483647, -2147483648,
];
const FRAME_LENGTHS: readonly number[] = [-1, -2147483648, 0x100000, 0x7fffffff];
const PARTS_MAX = 6;
const HEX_BYTES_MAX = 24;

/**
 * What a round is about besides. quotas: some are set, and exceeded. members: observers join and leave,
 * where somebody has proved to be the super user.
 */
export type Flavour = 'plain' | 'quotas' | 'members';

/** Any request but the one that closes the session. */
export function randomRequest(random: Random, flavour: Flavour): Request {
  if (flavour === 'quotas' && random.oneIn(6)) return quotaRequest(random);
  if (flavour === 'members' && random.oneIn(12)) return membersRequest(random);
  return random.weighted<() => Request>([
    [160, () => createStep(random)],
    [90, () => ({ op: 'delete', path: path(random), version: random.pick(words.VERSIONS) })],
    [90, () => setData(random)],
    [70, () => watched(random, 'exists')],
    [80, () => watched(random, 'getData')],
    [50, () => watched(random, 'getChildren')],
    [50, () => watched(random, 'getChildren2')],
    [25, () => ({ op: 'getACL', path: path(random) })],
    [25, () => setAcl(random)],
    [20, () => ({ op: 'sync', path: path(random) })],
    [80, () => ({ op: 'multi', parts: parts(random) })],
    [25, () => setWatches(random)],
    [20, () => ({ op: 'addWatch', path: spot(random), mode: random.pick(words.WATCH_MODES) })],
    [12, () => ({ op: 'checkWatches', path: spot(random), type: random.pick(words.WATCH_TYPES) })],
    [12, () => ({ op: 'removeWatches', path: spot(random), type: random.pick(words.WATCH_TYPES) })],
    [16, () => ({ op: 'multiRead', parts: readParts(random) })],
    [10, () => ({ op: 'getEphemerals', path: random.pick(words.EPHEMERAL_PREFIXES) })],
    [10, () => ({ op: 'getAllChildrenNumber', path: path(random) })],
    [8, () => ({ op: 'whoAmI' })],
    [12, () => auth(random)],
    [10, () => ({ op: 'ping' })],
    [16, () => damaged(random)],
    [3, () => withXid(random)],
    [2, () => other(random)],
    [2, () => ({ op: 'frame', hex: hex(random) })],
    [1, () => ({ op: 'length', length: random.pick(FRAME_LENGTHS) })],
  ])();
}

function path(random: Random): Path {
  if (random.oneIn(25)) return random.pick(words.ODD_PATHS);
  return random.oneIn(8) ? { numbered: random.below(8) } : random.pick(words.PATHS);
}

function spot(random: Random): Path {
  return random.below(3) > 0 ? random.pick(words.WATCHED_PATHS) : path(random);
}

function watchPath(random: Random): string {
  return random.oneIn(25) ? (random.pick(words.ODD_PATHS) ?? '/') : random.pick(words.PATHS);
}

function data(random: Random): Data {
  return random.pick(random.oneIn(400) ? words.LARGE_DATA : words.SMALL_DATA);
}

function createStep(random: Random): CreateStep {
  const flags = createFlags(random);
  const isNumbered = (flags & 2) !== 0 && random.below(4) > 0;
  const op = createOp(random, flags);
  return {
    op,
    path: isNumbered ? random.pick(words.PREFIXES) : path(random),
    data: data(random),
    acls: acls(random),
    flags,
    ...(op === 'createTTL' ? { ttlMs: ttlFor(random, flags) } : {}),
  };
}

/** A negative one without the flags of a TTL would end ZooKeeper itself. */
function ttlFor(random: Random, flags: number): number {
  const ttlMs = random.pick(words.TTLS_MS);
  return isCreateMode(flags) && isWithTtl(flags) ? ttlMs : Math.abs(ttlMs);
}

/** Mostly the operation that the flags are for. */
function createOp(random: Random, flags: number): CreateStep['op'] {
  if (random.oneIn(30)) {
    return random.pick(['create', 'create2', 'createContainer', 'createTTL'] as const);
  }
  if (flags === CreateMode.container) return 'createContainer';
  if (flags === CreateMode.persistentWithTtl) return 'createTTL';
  if (flags === CreateMode.persistentSequentialWithTtl) return 'createTTL';
  return random.oneIn(3) ? 'create2' : 'create';
}

function createFlags(random: Random): number {
  if (random.oneIn(40)) return random.pick(words.ODD_FLAGS);
  if (random.oneIn(12)) return random.pick(words.MORTAL_FLAGS);
  return random.pick(random.oneIn(4) ? words.EPHEMERAL_FLAGS : words.PERSISTENT_FLAGS);
}

function acls(random: Random): Acls {
  if (random.below(6) > 0) return OPEN_ACL;
  return random.pick(random.oneIn(4) ? words.ODD_ACLS : words.ACLS);
}

function setData(random: Random): PartStep {
  const version = random.pick(words.VERSIONS);
  return { op: 'setData', path: path(random), data: data(random), version };
}

/** What it sets lets the cleaner in, as what `create` sets does. */
function setAcl(random: Random): Request {
  const isOpen = random.oneIn(3);
  const list = isOpen ? [...OPEN_ACL, CLEANER_ACL] : acls(random);
  return { op: 'setACL', path: path(random), acls: list, version: random.pick(words.VERSIONS) };
}

function watched(
  random: Random,
  op: 'exists' | 'getData' | 'getChildren' | 'getChildren2',
): PartStep & Request {
  const watch = random.oneIn(2);
  return { op, path: watch ? spot(random) : path(random), watch };
}

/** Mostly such as can succeed together; now and then what has no place in a multi. */
function parts(random: Random): readonly PartStep[] {
  const isOdd = random.oneIn(20);
  return Array.from({ length: random.below(PARTS_MAX) }, () => part(random, isOdd));
}

function part(random: Random, isOdd: boolean): PartStep {
  if (isOdd && random.oneIn(3)) return watched(random, 'getData');
  const version = random.oneIn(3) ? random.pick(words.VERSIONS) : -1;
  return random.weighted<() => PartStep>([
    [5, () => withNamedIds(createStep(random))],
    [3, () => ({ op: 'delete', path: path(random), version })],
    [4, () => ({ op: 'setData', path: path(random), data: data(random), version })],
    [2, () => ({ op: 'check', path: path(random), version })],
  ])();
}

/** A null in an ACL would leave half of a multi behind in ZooKeeper's view of what is to come. */
function withNamedIds(step: CreateStep): CreateStep {
  return step.acls?.some(({ id }) => id === null) ? { ...step, acls: OPEN_ACL } : step;
}

function readParts(random: Random): readonly PartStep[] {
  const isOdd = random.oneIn(12);
  return Array.from({ length: random.below(PARTS_MAX) }, () => {
    if (isOdd && random.oneIn(3)) return part(random, false);
    return watched(random, random.pick(['getData', 'getChildren']));
  });
}

function setWatches(random: Random): Request {
  const some = () => Array.from({ length: random.below(4) }, () => watchPath(random));
  return {
    op: random.oneIn(2) ? 'setWatches' : 'setWatches2',
    back: random.weighted([
      [3, 0],
      [3, 1 + random.below(10)],
      [1, 200],
      [1, -1],
    ]),
    data: some(),
    exist: some(),
    child: some(),
    persistent: random.oneIn(3) ? some() : [],
    recursive: random.oneIn(3) ? some() : [],
  };
}

function auth(random: Random): Request {
  if (random.below(3) > 0) return { op: 'auth', scheme: 'digest', auth: random.pick(words.USERS) };
  const [scheme, offer] = random.pick(words.ODD_OFFERS);
  return { op: 'auth', scheme, auth: offer };
}

function damaged(random: Random): Request {
  const request = random.weighted<Request>([
    [3, { ...createStep(random), acls: OPEN_ACL }],
    [1, { op: 'delete', path: path(random), version: -1 }],
    [2, setData(random)],
    [3, watched(random, random.pick(['exists', 'getData', 'getChildren', 'getChildren2']))],
    [1, { op: 'getACL', path: path(random) }],
    [1, { op: 'sync', path: path(random) }],
    [3, { op: 'multi', parts: parts(random).map(withOpenAcl) }],
    [2, setWatches(random)],
    [1, { op: 'auth', scheme: 'digest', auth: random.pick(words.USERS) }],
    [1, { op: 'ping' }],
    [1, { op: 'addWatch', path: path(random), mode: 0 }],
    [1, { op: 'removeWatches', path: path(random), type: 3 }],
    [1, { op: 'multiRead', parts: readParts(random) }],
    [1, { op: 'getEphemerals', path: '/' }],
  ]);
  return { op: 'damaged', request, damage: damage(random) };
}

function withOpenAcl(each: PartStep): PartStep {
  return 'acls' in each ? { ...each, acls: OPEN_ACL } : each;
}

function damage(random: Random): Damage {
  return random.weighted<Damage>([
    [3, { kind: 'cut', bytes: 1 + random.below(20) }],
    [3, { kind: 'flip', at: random.below(120), mask: 1 << random.below(8) }],
    [1, { kind: 'extend', hex: hex(random) }],
  ]);
}

function withXid(random: Random): Request {
  const request = random.pick<(random: Random) => Request>([
    createStep,
    setData,
    (numbers) => watched(numbers, 'getData'),
    () => ({ op: 'ping' }),
    auth,
    setWatches,
    () => ({ op: 'whoAmI' }),
  ])(random);
  return { op: 'withXid', request, xid: random.pick(words.XIDS) };
}

/** Of a znode that holds a quota, or what is below the path that has one. */
function quotaRequest(random: Random): Request {
  const path = random.pick(words.QUOTA_PATHS);
  const text = random.pick(words.QUOTA_TEXTS);
  return random.weighted<() => Request>([
    [8, () => ({ op: 'create', path, data: text, acls: OPEN_ACL, flags: 0 })],
    [2, () => ({ op: 'setData', path, data: text, version: -1 })],
    [1, () => ({ op: 'delete', path, version: -1 })],
    [3, () => ({ op: 'getData', path, watch: random.oneIn(2) })],
  ])();
}

function membersRequest(random: Random): Request {
  return random.weighted<() => Request>([
    [1, () => ({ op: 'auth', scheme: 'digest', auth: SUPER_USER })],
    [2, () => ({ op: 'getData', path: '/zookeeper/config', watch: true })],
    [
      3,
      () => ({
        op: 'reconfig',
        joining: random.oneIn(3) ? null : random.pick(words.OBSERVERS),
        leaving: random.pick(words.LEAVING),
        members: null,
        version: random.oneIn(8) ? 1 : -1,
      }),
    ],
  ])();
}

function other(random: Random): Request {
  return { op: 'other', opCode: random.pick(UNKNOWN_OP_CODES), hex: hex(random) };
}

function hex(random: Random): string {
  const bytes = Array.from({ length: random.below(HEX_BYTES_MAX) }, () => random.below(256));
  return Buffer.from(bytes).toString('hex');
}
