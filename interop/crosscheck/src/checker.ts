import { ErrorCode } from '@bellwether/protocol';
import {
  CheckedSession,
  isOneClosed,
  joinEvents,
  replyOf,
  type Exchange,
  type Hosts,
} from './checked-session.ts';
import { Comparison, type Mismatch } from './compare.ts';
import type { Coverage } from './coverage.ts';
import type { Reply } from './decode.ts';
import { Divergence, EndOfRound } from './divergence.ts';
import { encodeRequest, specialXidOf, type Resolver } from './encode.ts';
import {
  CLOSE_ORDER,
  LATE_SYNC,
  SERVER_BEHIND,
  type KnownCounts,
  type Seen,
} from './known-differences.ts';
import { PROBES_MAX } from './limits.ts';
import { receiveFrom, type Outcome, type Welcome } from './side.ts';
import {
  mayChange,
  mayClose,
  newSession,
  ownSession,
  type Greeting,
  type Path,
  type Request,
  type Step,
} from './steps.ts';
import { waitUntilGone } from './stranger.ts';
import { ZxidMap } from './zxid-map.ts';

const NUMBERED_KEPT = 64;
const NO_NUMBERED = '/numbered-0000000000';
const NOTHING_SEEN = -1;

/**
 * Does everything twice, once in each system, and compares what comes of it. Only one session does
 * something at a time. Before it does, it is made to see all that the others have changed (by a
 * `sync`), so that the events which that has caused come at a known place.
 */
export class Checker {
  readonly hosts: Hosts;
  readonly known: KnownCounts;
  readonly #coverage: Coverage;
  readonly #zooKeeperVersion: string;
  #comparison = new Comparison(new ZxidMap());
  #sessions = new Map<number, CheckedSession>();
  /** Changes so far, by all sessions. */
  #changes = 0;
  /** Changes of Bellwether that ended sessions. */
  readonly #closings = new Set<number>();
  /** Paths that were created with a number, newest last. */
  #numbered: string[] = [];

  constructor(hosts: Hosts, zooKeeperVersion: string, known: KnownCounts, coverage: Coverage) {
    this.hosts = hosts;
    this.#coverage = coverage;
    this.#zooKeeperVersion = zooKeeperVersion;
    this.known = known;
  }

  get sessions(): readonly CheckedSession[] {
    return [...this.#sessions.values()];
  }

  /** Forgets the sessions; `afterDivergence` also what is the same as what. */
  begin(why: 'nextRound' | 'afterDivergence'): void {
    this.#sessions = new Map();
    this.#numbered = [];
    if (why === 'afterDivergence') this.#comparison = new Comparison(new ZxidMap());
  }

  /** @throws Divergence when the systems differ, EndOfRound when they are known to */
  async run(step: Step): Promise<void> {
    const session = this.session(step.session);
    switch (step.kind) {
      case 'request':
        await this.request(session, step.request);
        return;
      case 'pipeline':
        return this.#pipeline(session, step.requests);
      case 'drop':
        session.remember('the connection is cut');
        return session.drop();
      case 'connect':
        session.server = step.server;
        return this.#connect(session, step.greeting);
      case 'move':
        return this.#move(session, step.server, step.request);
      case 'untilGone':
        return this.#waitUntilGone(step.path);
      default:
        step satisfies never;
    }
  }

  session(number: number): CheckedSession {
    const known = this.#sessions.get(number);
    if (known !== undefined) return known;
    const session = new CheckedSession(number, this.hosts);
    this.#sessions.set(number, session);
    return session;
  }

  /** One request, with what has to come before it; Bellwether's reply, if there was one. */
  async request(session: CheckedSession, request: Request): Promise<Reply | undefined> {
    await this.#catchUp(session);
    this.#send(session, [request]);
    const reply = await this.#receive(session, request);
    if (request.op === 'closeSession') await this.#afterClose(session);
    else if (mayClose(request) && session.isOpen) await this.#probe(session);
    return reply;
  }

  /** All sessions see all changes, then they end. */
  async closeAll(): Promise<void> {
    for (const session of this.sessions) {
      if (session.hasSession) await this.request(session, { op: 'closeSession' });
    }
  }

  async #pipeline(session: CheckedSession, requests: readonly Request[]): Promise<void> {
    await this.#catchUp(session);
    this.#send(session, requests);
    for (const request of requests) {
      if (session.isOpen) await this.#receive(session, request);
    }
  }

  /** Both systems have to close the connection that the session had before, without an answer. */
  async #move(session: CheckedSession, server: number, request: Request): Promise<void> {
    await this.#catchUp(session);
    const wires = session.sides.map((side) => side.release());
    session.server = server;
    await this.#connect(session, ownSession(session.timeoutMs));
    this.#encode(session, [request]).forEach((frames, i) => wires[i]?.send(frames));
    const [bellwether, zookeeper] = await Promise.all(wires.map((wire) => receiveFrom(wire)));
    wires.forEach((wire) => wire?.destroy());
    this.#compare(session, { request, bellwether: bellwether!, zookeeper: zookeeper! });
  }

  /** What others have changed becomes visible to the session, with the events of it. */
  async #catchUp(session: CheckedSession): Promise<void> {
    if (!session.isOpen) await this.#open(session);
    if (session.changesSeen === this.#changes) return;
    const sync: Request = { op: 'sync', path: '/' };
    session.changesSeen = this.#changes;
    await this.#settle(session, sync, (exchange) => this.#isTheirsLate(exchange));
    if (!session.isOpen) await this.#open(session);
  }

  async #open(session: CheckedSession): Promise<void> {
    const { timeoutMs } = session;
    if (session.hasSession) await this.#connect(session, ownSession(timeoutMs));
    if (!session.isOpen) await this.#connect(session, newSession(timeoutMs));
  }

  /**
   * An answer that is no error may still be the last one. ZooKeeper closes such a connection a while
   * after it, so a ping may just be answered before: it is asked again.
   */
  async #probe(session: CheckedSession): Promise<void> {
    await this.#settle(session, { op: 'ping' }, isOneClosed);
  }

  /** Asks again while ZooKeeper has not come as far as it will. */
  async #settle(
    session: CheckedSession,
    request: Request,
    isUnsettled: (exchange: Exchange) => boolean,
  ): Promise<void> {
    this.#send(session, [request]);
    let exchange = await session.receive(request);
    for (let probes = 1; isUnsettled(exchange) && probes < PROBES_MAX; probes += 1) {
      this.#send(session, [request]);
      exchange = joinEvents(exchange, await session.receive(request));
    }
    this.#compare(session, exchange);
  }

  /** A sync of ZooKeeper may be answered before a change that was acknowledged before it is seen. */
  #isTheirsLate({ request, bellwether, zookeeper }: Exchange): boolean {
    const ours = replyOf(bellwether, request);
    const theirs = replyOf(zookeeper, request);
    if (ours === undefined || theirs === undefined) return false;
    const isLate = this.#comparison.zxids.isTheirsOlder(ours.zxid, theirs.zxid);
    if (isLate) this.known.count(LATE_SYNC.id);
    return isLate;
  }

  async #afterClose(session: CheckedSession): Promise<void> {
    await this.#receive(session, { op: 'closeSession' });
    session.forget();
  }

  /** For each of the session's sides. */
  #encode(session: CheckedSession, requests: readonly Request[]): readonly Buffer[] {
    const { zxids } = this.#comparison;
    const numbered = requests.map((request) => specialXidOf(request) ?? session.takeXid());
    return session.sides.map((_, i) => {
      const resolver: Resolver = {
        path: (path) => this.#resolvePath(path),
        zxid: (back) => zxids.pairAgo(back)[i]!,
      };
      const frames = requests.map((each, n) => encodeRequest(each, numbered[n]!, resolver));
      return Buffer.concat(frames);
    });
  }

  #send(session: CheckedSession, requests: readonly Request[]): void {
    const frames = this.#encode(session, requests);
    session.sides.forEach((side, i) => side.send(frames[i]!));
    if (!requests.some(mayChange)) return;
    this.#changes += 1;
    session.changesSeen = this.#changes;
  }

  async #receive(session: CheckedSession, request: Request): Promise<Reply | undefined> {
    return this.#compare(session, await session.receive(request));
  }

  #compare(session: CheckedSession, exchange: Exchange): Reply | undefined {
    const { request } = exchange;
    session.remember(exchange);
    const ours = replyOf(exchange.bellwether, request);
    const theirs = replyOf(exchange.zookeeper, request);
    if (request.op === 'closeSession' && ours !== undefined) this.#closings.add(ours.zxid);
    const mismatches = [
      ...this.#compareEvents(exchange),
      ...compareKinds(exchange),
      ...(ours && theirs ? this.#comparison.replies(ours, theirs, mayChange(request)) : []),
    ];
    if (mismatches.length > 0) this.#judge(session, exchange, mismatches);
    this.#coverage.add(exchange);
    if (exchange.bellwether.kind === 'silent') session.drop();
    if (ours?.error === ErrorCode.ok) this.#learn(ours);
    return ours;
  }

  #compareEvents({ bellwether, zookeeper }: Exchange): readonly Mismatch[] {
    const { events } = bellwether;
    if (events.length === 0 && zookeeper.events.length === 0) return [];
    const result = this.#comparison.events(events, zookeeper.events, this.#closings);
    if (result.reordered) this.known.count(CLOSE_ORDER.id);
    return result.mismatches;
  }

  /** @throws Divergence unless the difference is a known one */
  #judge(session: CheckedSession, exchange: Exchange, mismatches: readonly Mismatch[]): void {
    const { request } = exchange;
    const known = this.known.find({
      request,
      mismatches,
      bellwether: resultOf(exchange.bellwether, request),
      zookeeper: resultOf(exchange.zookeeper, request),
      zooKeeperBytes: exchange.zookeeper.frame?.length ?? 0,
      zooKeeperVersion: this.#zooKeeperVersion,
      zooKeeperServers: this.hosts.zookeeper.length,
    });
    if (known === undefined) {
      throw new Divergence(nameOf(request), session.number, mismatches, session.history);
    }
    if (known.aftermath === 'endRound') throw new EndOfRound(known.id);
    const isUneven = exchange.bellwether.kind !== exchange.zookeeper.kind;
    if (isUneven || known.aftermath === 'reconnect') session.drop();
  }

  #learn(reply: Reply): void {
    for (const { name, value } of reply.fields) {
      if (!name.endsWith('path') || !/\d{10}"$/.test(String(value))) continue;
      this.#numbered.push(JSON.parse(String(value)) as string);
      if (this.#numbered.length > NUMBERED_KEPT) this.#numbered.shift();
    }
  }

  async #connect(session: CheckedSession, wanted: Greeting): Promise<void> {
    const isSecond = wanted.credentials === 'new' && session.hasSession;
    const greeting = isSecond ? { ...wanted, credentials: 'own' as const } : wanted;
    const { ours, theirs, wasBehind } = await session.connect(greeting);
    if (wasBehind) this.known.count(SERVER_BEHIND.id);
    const what = `connect to server ${session.server}, ${JSON.stringify(greeting)}`;
    session.remember(`${what}: ${ours.kind} / ${theirs.kind}`);
    this.#coverage.addTo('connect', `${greeting.credentials} session ${ours.kind}`);
    if (ours.kind === 'opened' && theirs.kind === 'opened') {
      const { bellwether, zookeeper } = session;
      this.#comparison.sessions.set(bellwether.sessionId, zookeeper.sessionId);
    }
    this.#judgeWelcome(session, ours, theirs);
    // It may be another server, which has not seen as much.
    session.changesSeen = NOTHING_SEEN;
    if (ours.kind === 'opened') session.timeoutMs = greeting.timeoutMs;
    else if (greeting.credentials === 'own' && ours.kind === 'refused') session.forget();
  }

  #judgeWelcome(session: CheckedSession, ours: Welcome, theirs: Welcome): void {
    const mismatches =
      ours.kind === theirs.kind
        ? this.#comparison.fields(ours.fields, theirs.fields)
        : [{ name: 'outcome', bellwether: ours.kind, zookeeper: theirs.kind }];
    if (mismatches.length === 0) return;
    const seen: Seen = {
      request: undefined,
      mismatches,
      bellwether: ours.kind,
      zookeeper: theirs.kind,
      zooKeeperBytes: 0,
      zooKeeperVersion: this.#zooKeeperVersion,
      zooKeeperServers: this.hosts.zookeeper.length,
    };
    const known = this.known.find(seen);
    if (known === undefined) {
      throw new Divergence('connect', session.number, mismatches, session.history);
    }
    if (known.aftermath === 'endRound') throw new EndOfRound(known.id);
    if (ours.kind !== theirs.kind) session.drop();
  }

  /** A change that nobody here makes: everybody has to look again. */
  async #waitUntilGone(path: string): Promise<void> {
    const { bellwether, zookeeper } = this.hosts;
    await Promise.all([waitUntilGone(bellwether, path), waitUntilGone(zookeeper, path)]);
    this.#changes += 1;
  }

  #resolvePath(path: Path): string | null {
    if (path === null || typeof path === 'string') return path;
    const count = this.#numbered.length;
    return count === 0 ? NO_NUMBERED : this.#numbered[count - 1 - (path.numbered % count)]!;
  }
}

function compareKinds({ bellwether, zookeeper }: Exchange): readonly Mismatch[] {
  if (bellwether.kind === zookeeper.kind) return [];
  return [{ name: 'outcome', bellwether: bellwether.kind, zookeeper: zookeeper.kind }];
}

function resultOf(outcome: Outcome, request: Request): number | string {
  return replyOf(outcome, request)?.error ?? outcome.kind;
}

function nameOf(request: Request): string {
  if ('request' in request) return `${request.op} ${nameOf(request.request)}`;
  return request.op === 'other' ? `op code ${request.opCode}` : request.op;
}
