import { decodeReply, type Reply } from './decode.ts';
import { opCodeOf } from './encode.ts';
import { CONNECT_TRIES_MAX, HISTORY_ENTRIES, SESSION_TIMEOUT_MS } from './limits.ts';
import { Side, type Outcome, type Welcome } from './side.ts';
import type { Greeting, Request } from './steps.ts';

/** The servers of both systems, `address:port` each. */
export interface Hosts {
  readonly bellwether: readonly string[];
  readonly zookeeper: readonly string[];
}

/** What came of one request in both systems. */
export interface Exchange {
  readonly request: Request;
  readonly bellwether: Outcome;
  readonly zookeeper: Outcome;
}

/** One session, as both systems have it. */
export class CheckedSession {
  readonly number: number;
  readonly bellwether: Side;
  readonly zookeeper: Side;
  server: number;
  timeoutMs: number = SESSION_TIMEOUT_MS;
  /** How many changes it has been made to see. */
  changesSeen = -1;
  /** What it did last, oldest first. */
  readonly history: (Exchange | string)[] = [];
  #nextXid = 1;

  constructor(number: number, hosts: Hosts) {
    this.number = number;
    this.server = number;
    this.bellwether = new Side(hosts.bellwether);
    this.zookeeper = new Side(hosts.zookeeper);
  }

  get sides(): readonly Side[] {
    return [this.bellwether, this.zookeeper];
  }

  get isOpen(): boolean {
    return this.bellwether.isOpen && this.zookeeper.isOpen;
  }

  get hasSession(): boolean {
    return this.bellwether.hasSession && this.zookeeper.hasSession;
  }

  takeXid(): number {
    return this.#nextXid++;
  }

  drop(): void {
    this.sides.forEach((side) => side.drop());
  }

  forget(): void {
    this.sides.forEach((side) => side.forget());
  }

  /** In both systems; `wasBehind`: a server of ZooKeeper had to be asked again. */
  async connect(
    greeting: Greeting,
  ): Promise<{ readonly ours: Welcome; readonly theirs: Welcome; readonly wasBehind: boolean }> {
    const [ours, first] = await Promise.all([
      this.bellwether.connect(this.server, greeting),
      this.zookeeper.connect(this.server, greeting),
    ]);
    let theirs = first;
    for (let tries = 1; tries < CONNECT_TRIES_MAX; tries += 1) {
      if (ours.kind !== 'opened' || theirs.kind !== 'closed') break;
      theirs = await this.zookeeper.connect(this.server, greeting);
    }
    return { ours, theirs, wasBehind: theirs !== first };
  }

  async receive(request: Request): Promise<Exchange> {
    const [bellwether, zookeeper] = await Promise.all([
      this.bellwether.receive(),
      this.zookeeper.receive(),
    ]);
    return { request, bellwether, zookeeper };
  }

  remember(entry: Exchange | string): void {
    this.history.push(entry);
    if (this.history.length > HISTORY_ENTRIES) this.history.shift();
  }
}

/** The answer taken apart; undefined when there was none. */
export function replyOf(outcome: Outcome, request: Request): Reply | undefined {
  return outcome.frame === undefined ? undefined : decodeReply(outcome.frame, opCodeOf(request));
}

/** Whether one system has closed the connection, and the other not (yet). */
export function isOneClosed({ bellwether, zookeeper }: Exchange): boolean {
  return (bellwether.kind === 'closed') !== (zookeeper.kind === 'closed');
}

/** What came of the later one, with the events of both. */
export function joinEvents(earlier: Exchange, later: Exchange): Exchange {
  const join = (one: Outcome, two: Outcome): Outcome => ({
    ...two,
    events: [...one.events, ...two.events],
  });
  return {
    request: later.request,
    bellwether: join(earlier.bellwether, later.bellwether),
    zookeeper: join(earlier.zookeeper, later.zookeeper),
  };
}
