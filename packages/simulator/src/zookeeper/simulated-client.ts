import type { WatcherEvent } from '@bellwether/protocol';
import { WatchEventType } from '@bellwether/protocol';
import type { NodeId } from '@bellwether/raft';
import type { Change, HistoryRecord } from '../oracle/history.ts';
import type { RandomSource } from '../random.ts';
import type { World } from '../world.ts';
import type { ClientNetwork } from './client-network.ts';
import { ClientSession, type Request } from './client-session.ts';
import { Recorder } from './recorder.ts';
import { SESSION_TIMEOUT_MS } from './zookeeper-service.ts';
import * as requests from './znode-requests.ts';

/** Requests that a client has on their way at most. */
const PENDING_MAX = 24;
/** Chance that a part of a multi demands a version, or that something is there, which may not be so. */
const DEMANDING = 0.5;
/** Ephemerals that a client keeps at most. */
const EPHEMERALS_MAX = 4;

/** Paths that all clients share. */
export const SHARED = {
  registers: ['/r0', '/r1', '/r2'],
  flags: ['/d0', '/d1'],
  queue: '/q',
  ephemerals: '/e',
} as const;

export interface ClientPlace {
  readonly world: World;
  readonly network: ClientNetwork;
  readonly random: RandomSource;
  readonly records: HistoryRecord[];
  readonly client: number;
  readonly intervalMs: number;
}

type WatchKind = 'data' | 'exist' | 'children';

/** One program that uses the cluster: it does a little of everything, through whichever node it finds. */
export class SimulatedClient {
  readonly id: number;
  readonly recorder: Recorder;
  readonly #place: ClientPlace;
  readonly #random: RandomSource;
  readonly #session: ClientSession;
  readonly #watches = new Map<string, WatchKind>();
  readonly #versions = new Map<string, number>();
  #ephemerals: string[] = [];
  #values = 0;
  #isStopped = false;
  /** Answers that the last round waits for; undefined before it has begun. */
  #answersLeft: number | undefined;
  #isFinishing = false;

  constructor(place: ClientPlace) {
    const { world, random, client } = place;
    this.id = client;
    this.#place = place;
    this.#random = random;
    this.recorder = new Recorder(world, place.records, client);
    const timeoutMs = Math.floor(random.range(SESSION_TIMEOUT_MS.min, SESSION_TIMEOUT_MS.max));
    this.#session = new ClientSession(
      { ...place, timeoutMs },
      {
        onOpened: (sessionId, what) => this.#noteSession(sessionId, what),
        onExpired: (sessionId) => this.#onExpired(sessionId),
        onEvent: (event) => this.#onEvent(event),
        watches: () => this.#watchesByKind(),
      },
    );
  }

  get sessionId(): number {
    return this.#session.sessionId;
  }

  /** To which node it is connected; 0 while it is to none. */
  get nodeId(): NodeId {
    return this.#session.isOpen ? this.#session.nodeId : 0;
  }

  start(): void {
    this.#session.start();
    this.#repeat();
  }

  /** It asks for so much at once. */
  press(count: number): void {
    if (this.#isStopped) return;
    for (let i = 0; i < count; i++) this.#act();
  }

  /** Its connection breaks. */
  loseConnection(): void {
    this.#session.loseConnection();
  }

  /** The program is gone. Its session has to end by itself. */
  abandon(): void {
    this.#isStopped = true;
    this.#session.abandon(this.#random.pick(['closed', 'silent']));
  }

  /** No more of its own accord: reads everything once more. */
  finish(): void {
    this.#isStopped = true;
    this.#isFinishing = true;
    this.#tryLastRound();
  }

  /** What it still waits for; undefined when it has all. */
  whatIsStuck(): string | undefined {
    if (!this.#isFinishing || this.#answersLeft === 0) return undefined;
    const { sessionId, nodeId, isOpen, pending } = this.#session;
    const state = isOpen ? `waits for ${pending} answers` : 'has no connection';
    return `client ${this.id} ${state}, session ${sessionId}, node ${nodeId}`;
  }

  // --- its own accord ---

  #repeat(): void {
    this.#place.world.after(this.#random.exponential(this.#place.intervalMs), () => {
      if (this.#isStopped) return;
      const count = this.#random.pick([1, 1, 2, 4]);
      for (let i = 0; i < count; i++) this.#act();
      this.#repeat();
    });
  }

  #act(): void {
    if (!this.#session.isOpen || this.#session.pending > PENDING_MAX) return;
    const at = this.#random.next();
    if (at < 0.22) this.#set();
    else if (at < 0.3) this.#compareAndSet();
    else if (at < 0.4) this.#changeTwo();
    else if (at < 0.47) this.#toggleFlag();
    else if (at < 0.53) this.#enqueue();
    else if (at < 0.57) this.#dequeue();
    else if (at < 0.64) this.#changeEphemerals();
    else if (at < 0.77) this.#read(this.#random.pick(SHARED.registers), 'sequential');
    else if (at < 0.85) this.#readLinearizably(this.#random.pick(SHARED.registers));
    else if (at < 0.91) this.#list();
    else if (at < 0.96) this.#watchFlag();
    else if (at < 0.965) this.#close();
    else this.#read(this.#random.pick(SHARED.flags), 'sequential');
  }

  #set(): void {
    this.#write([this.#change('set', this.#random.pick(SHARED.registers))]);
  }

  /** With the version that it has seen last, which may be outdated. */
  #compareAndSet(): void {
    const path = this.#random.pick(SHARED.registers);
    const expectedVersion = this.#versions.get(path) ?? 0;
    this.#write([{ ...this.#change('set', path), expectedVersion }]);
  }

  /** All or nothing: the second part may be refused. */
  #changeTwo(): void {
    const [a, b] = this.#random.shuffled(SHARED.registers) as [string, string];
    const first = this.#change('set', a);
    const second = { ...first, path: b };
    if (!this.#random.chance(DEMANDING)) return this.#write([first, second]);
    if (this.#random.chance(0.5)) {
      return this.#write([first, { ...second, expectedVersion: this.#versions.get(b) ?? 0 }]);
    }
    const action = this.#random.pick(['create', 'delete'] as const);
    const flag = this.#change(action, this.#random.pick(SHARED.flags));
    this.#write([first, { ...flag, value: action === 'create' ? first.value : '' }]);
  }

  #toggleFlag(): void {
    const path = this.#random.pick(SHARED.flags);
    this.#write([this.#change(this.#random.pick(['create', 'delete']), path)]);
  }

  #enqueue(): void {
    this.#write([{ ...this.#change('create', `${SHARED.queue}/n-`), kind: 'sequential' }]);
  }

  /** Takes the first of the queue, if the list that it is shown says that there is one. */
  #dequeue(): void {
    const { queue } = SHARED;
    const request = requests.childrenRequest(this.#asking(), queue, 'none', (names) => {
      const [first] = names.toSorted();
      if (first === undefined || !this.#session.isOpen) return;
      const path = `${queue}/${first}`;
      this.#read(path, 'sequential');
      this.#write([this.#change('delete', path)]);
    });
    this.#submit(request);
  }

  #changeEphemerals(): void {
    const mayDelete = this.#ephemerals.length >= EPHEMERALS_MAX || this.#random.chance(0.2);
    const path = mayDelete ? this.#ephemerals.shift() : undefined;
    if (path !== undefined) return this.#write([this.#change('delete', path)]);
    const change = this.#change('create', '');
    const own = `${SHARED.ephemerals}/${change.value}`;
    this.#ephemerals.push(own);
    this.#write([{ ...change, path: own, kind: 'ephemeral' }]);
  }

  #list(): void {
    const { ephemerals } = SHARED;
    const leavesWatch = !this.#watches.has(ephemerals) && this.#random.chance(0.5);
    const watch = leavesWatch ? 'children' : 'none';
    const onAnswered = (): void => {
      if (leavesWatch) this.#watches.set(ephemerals, 'children');
    };
    this.#submit(requests.childrenRequest(this.#asking(), ephemerals, watch, onAnswered));
  }

  #watchFlag(): void {
    const path = this.#random.pick(SHARED.flags);
    const request = requests.existsRequest(this.#asking(), path, (seen) => {
      this.#watches.set(path, seen === undefined ? 'exist' : 'data');
    });
    this.#submit(request);
  }

  #close(): void {
    const { sessionId } = this.#session;
    const onClosed = (): void => {
      this.#forgetSession();
      if (this.#session.sessionId === sessionId) this.#session.forget();
    };
    this.#submit(requests.closeRequest(this.#asking(), onClosed));
  }

  // --- asking ---

  #asking(): requests.Asking {
    const { recorder } = this;
    return { recorder, session: this.#session.sessionId, invokedMs: recorder.nowMs };
  }

  #change(action: Change['action'], path: string): Change {
    const value = action === 'delete' ? '' : `c${this.id}-${++this.#values}`;
    return { action, path, value, expectedVersion: -1, kind: 'persistent' };
  }

  #write(changes: readonly Change[]): void {
    this.#submit(requests.writeRequest(this.#asking(), changes));
  }

  #read(path: string, guarantee: 'sequential' | 'linearizable', asking = this.#asking()): void {
    const leavesWatch = !this.#watches.has(path) && this.#random.chance(0.3);
    this.#submit(
      requests.readRequest(asking, { path, guarantee, leavesWatch }, (seen) => {
        if (seen !== undefined) this.#versions.set(path, seen.version);
        if (leavesWatch && seen !== undefined) this.#watches.set(path, 'data');
        if (this.#answersLeft !== undefined) this.#answersLeft -= 1;
      }),
    );
  }

  #readLinearizably(path: string): void {
    const asking = this.#asking();
    this.#submit(requests.syncRequest(path));
    this.#read(path, 'linearizable', asking);
  }

  #submit(request: Request): void {
    if (this.#session.isOpen) this.#session.submit(request);
  }

  // --- the last round ---

  #tryLastRound(): void {
    if (this.#answersLeft === 0) return;
    if (this.#session.isOpen && this.#session.pending === 0) {
      const paths = [...SHARED.registers, ...SHARED.flags];
      this.#answersLeft = paths.length;
      for (const path of paths) this.#readLinearizably(path);
      this.#list();
    }
    this.#place.world.after(100, () => this.#tryLastRound());
  }

  // --- what it is told ---

  #noteSession(session: number, what: 'opened' | 'resumed'): void {
    const invokedMs = this.recorder.nowMs;
    this.recorder.session({ type: 'session', session, invokedMs, what, zxid: 0 });
  }

  #onExpired(session: number): void {
    const invokedMs = this.recorder.nowMs;
    this.recorder.session({ type: 'session', session, invokedMs, what: 'lost', zxid: 0 });
    this.#forgetSession();
  }

  #forgetSession(): void {
    this.#watches.clear();
    this.#ephemerals = [];
  }

  #onEvent({ type, path }: WatcherEvent): void {
    const watch = type === WatchEventType.nodeChildrenChanged ? 'children' : 'data';
    this.#watches.delete(path);
    const { sessionId: session } = this.#session;
    this.recorder.event({ type: 'event', session, invokedMs: this.recorder.nowMs, path, watch });
  }

  #watchesByKind(): { data: string[]; exist: string[]; children: string[] } {
    const kinds = { data: [] as string[], exist: [] as string[], children: [] as string[] };
    for (const [path, kind] of this.#watches) kinds[kind].push(path);
    return kinds;
  }
}
