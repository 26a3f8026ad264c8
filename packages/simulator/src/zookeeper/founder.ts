import type { Change, HistoryRecord } from '../oracle/history.ts';
import type { RandomSource } from '../random.ts';
import type { World } from '../world.ts';
import type { ClientNetwork } from './client-network.ts';
import { ClientSession } from './client-session.ts';
import { Recorder } from './recorder.ts';
import { SHARED } from './simulated-client.ts';
import { writeRequest } from './znode-requests.ts';

const FOUNDER = 1;
const TIMEOUT_MS = 2_000;
const RETRY_MS = 20;

/** The first client: makes the znodes that the others share, however often it has to ask. */
export class Founder {
  readonly #world: World;
  readonly #session: ClientSession;
  readonly #recorder: Recorder;
  #attempts = 0;
  readonly #missing: string[] = [...SHARED.registers, SHARED.queue, SHARED.ephemerals];
  #onDone: () => void = () => undefined;
  #isDone = false;

  constructor(place: {
    readonly world: World;
    readonly network: ClientNetwork;
    readonly random: RandomSource;
    readonly records: HistoryRecord[];
  }) {
    this.#world = place.world;
    this.#recorder = new Recorder(place.world, place.records, FOUNDER);
    this.#session = new ClientSession(
      { ...place, client: FOUNDER, timeoutMs: TIMEOUT_MS },
      {
        onOpened: () => undefined,
        onEvent: () => undefined,
        onExpired: () => undefined,
        watches: () => ({ data: [], exist: [], children: [] }),
      },
    );
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  start(onDone: () => void): void {
    this.#onDone = onDone;
    this.#session.start();
    this.#next();
  }

  #next(): void {
    const path = this.#missing[0];
    if (path === undefined) {
      this.#isDone = true;
      this.#session.abandon('closed');
      return this.#onDone();
    }
    if (this.#session.isOpen) this.#create(path);
    else this.#world.after(RETRY_MS, () => this.#next());
  }

  /** What is there already is as good. */
  #create(path: string): void {
    const recorder = this.#recorder;
    const asking = { recorder, session: this.#session.sessionId, invokedMs: this.#world.nowMs };
    const change = {
      action: 'create',
      path,
      value: `c1-${++this.#attempts}`,
      expectedVersion: -1,
    } as const;
    const changes: readonly Change[] = [{ ...change, kind: 'persistent' }];
    const request = writeRequest(asking, changes);
    const again = (): void => this.#world.after(RETRY_MS, () => this.#next());
    this.#session.submit({
      ...request,
      onReply: (header, reader) => {
        const doneBefore = recorder.counts.done;
        request.onReply(header, reader);
        if (recorder.counts.done > doneBefore) this.#missing.shift();
        this.#next();
      },
      onLost: () => {
        request.onLost();
        again();
      },
    });
  }
}
