import { randomRequest, type Flavour } from './generate-requests.ts';
import { OPEN_ACL } from '@bellwether/protocol';
import type { Random } from './random.ts';
import { encodeRequest, type Resolver } from './encode.ts';
import { FRAME_BYTES_MAX, SESSION_TIMEOUT_MS } from './limits.ts';
import {
  mayChange,
  ownSession,
  type Greeting,
  type PartStep,
  type Request,
  type Step,
} from './steps.ts';
import { FURNITURE, PATHS, QUOTA_TEXTS, TIMEOUTS_MS } from './vocabulary.ts';

/** What a random round is like. */
export interface RoundPlan {
  readonly steps: number;
  readonly sessions: number;
  readonly zooKeeperNodes: number;
}

const SERVERS = 3;
const PIPELINE_MAX = 12;

/** The steps of one round; they follow from the numbers that `random` gives. */
export function generateRound(random: Random, plan: RoundPlan): readonly Step[] {
  const isEnsemble = plan.zooKeeperNodes > 1;
  const flavour = random.weighted<Flavour>([
    [6, 'plain'],
    [2, 'quotas'],
    // ZooKeeper on its own has no members.
    [1, isEnsemble ? 'members' : 'plain'],
  ]);
  const before = furnishing(random, flavour);
  const count = Math.max(0, plan.steps - before.length);
  const steps = [
    ...before,
    ...Array.from({ length: count }, () => randomStep(random, plan, flavour)),
  ];
  return isEnsemble ? steps.map(spared) : steps;
}

/** Mostly there is something to begin with, and quotas have limits and stats. */
function furnishing(random: Random, flavour: Flavour): readonly Step[] {
  const paths = random.oneIn(4) ? [] : FURNITURE.filter(() => random.below(3) > 0);
  const subject = random.pick(['/a', '/a/x', '/b']);
  const quota = [
    ['/zookeeper/quota/a', ''],
    [`/zookeeper/quota${subject}`, ''],
    [`/zookeeper/quota${subject}/zookeeper_limits`, random.pick(QUOTA_TEXTS)],
    [`/zookeeper/quota${subject}/zookeeper_stats`, ''],
  ] as const;
  const all = [
    ...paths.map((path) => [path, 'furniture'] as const),
    ...(flavour === 'quotas' ? quota : []),
  ];
  return all.map(([path, data]) => ({
    session: 0,
    kind: 'request',
    request: { op: 'create', path, data, acls: OPEN_ACL, flags: 0 },
  }));
}

/** What an ensemble of ZooKeepers survives. */
function spared(step: Step): Step {
  if (step.kind === 'request' || step.kind === 'move') {
    return { ...step, request: wellFormed(step.request) };
  }
  return step.kind === 'pipeline' ? { ...step, requests: step.requests.map(wellFormed) } : step;
}

/**
 * A write that can't be read makes ZooKeeper's leader propose a zxid that is taken already, and the
 * ensemble never answers anything again. So does a multi with a null in it.
 */
function wellFormed(request: Request): Request {
  if (request.op === 'damaged' && mayChange(request.request)) return wellFormed(request.request);
  if (request.op === 'withXid') return { ...request, request: wellFormed(request.request) };
  if (request.op !== 'multi') return request;
  return { ...request, parts: request.parts.filter((part) => !hasNull(part)) };
}

function hasNull(part: PartStep): boolean {
  return part.path === null || ('acls' in part && part.acls === null);
}

function randomStep(random: Random, { sessions }: RoundPlan, flavour: Flavour): Step {
  const session = random.below(sessions);
  // ZooKeeper judges by what a quota's stats are when a request comes, whatever is in flight.
  const pipelines = flavour === 'quotas' ? 0 : 60;
  return random.weighted<() => Step>([
    [880, () => ({ session, kind: 'request', request: randomRequest(random, flavour) })],
    [pipelines, () => ({ session, kind: 'pipeline', requests: randomPipeline(random) })],
    [20, () => ({ session, kind: 'drop' })],
    [20, () => randomConnect(random, session)],
    [6, () => randomMove(random, session)],
    [8, () => ({ session, kind: 'request', request: { op: 'closeSession' } })],
  ])();
}

function randomConnect(random: Random, session: number): Step {
  return { session, kind: 'connect', server: random.below(SERVERS), greeting: greeting(random) };
}

function randomMove(random: Random, session: number): Step {
  const path = random.pick(PATHS);
  const request = random.pick<Request>([
    { op: 'setData', path, data: 'moved', version: -1 },
    { op: 'delete', path, version: -1 },
    { op: 'create', path, data: 'moved', acls: OPEN_ACL, flags: 0 },
    { op: 'multi', parts: [{ op: 'check', path: '/', version: -1 }] },
  ]);
  return { session, kind: 'move', server: random.below(SERVERS), request };
}

function greeting(random: Random): Greeting {
  const own = ownSession(random.oneIn(4) ? random.pick(TIMEOUTS_MS) : SESSION_TIMEOUT_MS);
  return random.weighted<Greeting>([
    [20, own],
    [2, { ...own, form: 'short' }],
    [2, { ...own, lastZxid: 'zero' }],
    [1, { ...own, lastZxid: 'future' }],
    [2, { ...own, readOnly: true }],
    [1, { ...own, cutBytes: 1 + random.below(40) }],
    [2, { ...own, credentials: 'wrongPassword' }],
    [1, { ...own, credentials: 'shortPassword' }],
    [1, { ...own, credentials: 'noPassword' }],
    [1, { ...own, credentials: 'unknownSession' }],
    [4, { ...own, credentials: 'new' }],
  ]);
}

/** Only what keeps its turn and the connection. */
function randomPipeline(random: Random): readonly Request[] {
  const requests: Request[] = [];
  const length = 2 + random.below(PIPELINE_MAX - 1);
  while (requests.length < length) {
    const request = randomRequest(random, 'plain');
    if (!OUT_OF_TURN.has(request.op) && !isTooLarge(request)) requests.push(request);
  }
  return requests;
}

/** What ends the connection takes the answers before it along, or not. */
function isTooLarge(request: Request): boolean {
  return encodeRequest(request, 0, NOTHING_KNOWN).length > FRAME_BYTES_MAX;
}

const NOTHING_KNOWN: Resolver = {
  path: (path) => (typeof path === 'string' ? path : null),
  zxid: () => 0,
};

const OUT_OF_TURN: ReadonlySet<Request['op']> = new Set([
  'ping',
  'auth',
  'check',
  'closeSession',
  // ZooKeeper may judge what is in flight behind it by the ACL from before.
  'setACL',
  'damaged',
  'withXid',
  'reconfig',
  'other',
  'frame',
  'length',
]);
