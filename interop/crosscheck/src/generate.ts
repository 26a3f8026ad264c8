import { randomRequest } from './generate-requests.ts';
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
import { TIMEOUTS_MS } from './vocabulary.ts';

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
  const steps = Array.from({ length: plan.steps }, () => randomStep(random, plan.sessions));
  return plan.zooKeeperNodes > 1 ? steps.map(spared) : steps;
}

/** What an ensemble of ZooKeepers survives. */
function spared(step: Step): Step {
  if (step.kind === 'request') return { ...step, request: wellFormed(step.request) };
  return step.kind === 'pipeline' ? { ...step, requests: step.requests.map(wellFormed) } : step;
}

/**
 * A write that can't be read makes ZooKeeper's leader propose a zxid that is taken already, and the
 * ensemble never answers anything again. So does a multi with a null in it.
 */
function wellFormed(request: Request): Request {
  if (request.op === 'damaged' && mayChange(request.request)) return wellFormed(request.request);
  if (request.op !== 'multi') return request;
  return { ...request, parts: request.parts.filter((part) => !hasNull(part)) };
}

function hasNull(part: PartStep): boolean {
  return part.path === null || ('acls' in part && part.acls === null);
}

function randomStep(random: Random, sessions: number): Step {
  const session = random.below(sessions);
  return random.weighted<() => Step>([
    [880, () => ({ session, kind: 'request', request: randomRequest(random) })],
    [60, () => ({ session, kind: 'pipeline', requests: randomPipeline(random) })],
    [20, () => ({ session, kind: 'drop' })],
    [20, () => randomConnect(random, session)],
    [8, () => ({ session, kind: 'request', request: { op: 'closeSession' } })],
  ])();
}

function randomConnect(random: Random, session: number): Step {
  return { session, kind: 'connect', server: random.below(SERVERS), greeting: greeting(random) };
}

function greeting(random: Random): Greeting {
  const own = ownSession(random.oneIn(4) ? random.pick(TIMEOUTS_MS) : SESSION_TIMEOUT_MS);
  return random.weighted<Greeting>([
    [20, own],
    [2, { ...own, form: 'short' }],
    [2, { ...own, lastZxid: 'zero' }],
    [1, { ...own, lastZxid: 'future' }],
    [2, { ...own, credentials: 'wrongPassword' }],
    [1, { ...own, credentials: 'unknownSession' }],
    [4, { ...own, credentials: 'new' }],
  ]);
}

/** Only what keeps its turn and the connection. */
function randomPipeline(random: Random): readonly Request[] {
  const requests: Request[] = [];
  const length = 2 + random.below(PIPELINE_MAX - 1);
  while (requests.length < length) {
    const request = randomRequest(random);
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
  'other',
  'frame',
  'length',
]);
