import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateMode,
  ErrorCode,
  errorCodeName,
  OPEN_ACL,
  OpCode,
  writeCreateRequest,
  writeDeleteRequest,
  writeGetDataRequest,
  writeSetDataRequest,
} from '@bellwether/protocol';
import type { Server } from '../cli/ask-word.ts';
import { ProbeError, ProbeSession } from './probe-session.ts';

export type ProbeKind = 'write' | 'read';

/** What became of one probe. Times are of performance.now(). */
export interface Probe {
  /** Position of the node among the servers. */
  readonly node: number;
  readonly kind: ProbeKind;
  readonly sentMs: number;
  readonly endedMs: number;
  readonly outcome: 'done' | 'failed';
}

const ROOT = '/bellwether-measure';
const RECONNECT_MS = 10;
const OPEN_MS_MAX = 2_000;
const DATA = new Uint8Array(16);

/** Probes one node through one connection, which is made again when it is lost. */
export class NodeProber {
  readonly #server: Server;
  readonly #node: number;
  readonly #onProbe: (probe: Probe) => void;
  #session: ProbeSession | undefined;
  #isStopped = false;
  /** When the last connection ended. */
  #lostMs = 0;

  constructor(server: Server, node: number, onProbe: (probe: Probe) => void) {
    this.#server = server;
    this.#node = node;
    this.#onProbe = onProbe;
  }

  get isConnected(): boolean {
    return this.#session !== undefined;
  }

  get lostMs(): number {
    return this.#lostMs;
  }

  /** Connects, makes the znode to write to, and stays connected until it is stopped. @throws ProbeError */
  async start(): Promise<void> {
    const session = await ProbeSession.open(this.#server, OPEN_MS_MAX);
    await create(session, ROOT);
    await create(session, this.#path);
    this.#keep(session);
  }

  /** Never rejects: what became of it is reported. */
  async probe(kind: ProbeKind): Promise<Probe> {
    const sentMs = performance.now();
    let outcome: Probe['outcome'] = 'failed';
    try {
      if (this.#session !== undefined) {
        await this.#send(this.#session, kind);
        outcome = 'done';
      }
    } catch (error) {
      if (!(error instanceof ProbeError)) throw error;
    }
    const probe: Probe = { node: this.#node, kind, sentMs, endedMs: performance.now(), outcome };
    this.#onProbe(probe);
    return probe;
  }

  /** Removes the znodes, as far as that is possible, and ends the session. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const session = this.#session;
    if (session === undefined) return;
    for (const path of [this.#path, ROOT]) {
      const remove = session.request(OpCode.delete, (writer) =>
        writeDeleteRequest(writer, { path, version: -1 }),
      );
      // The last of the probers removes the root; whatever else remains harms nobody.
      await remove.catch(() => undefined);
    }
    await session.request(OpCode.closeSession, () => undefined).catch(() => undefined);
    session.destroy();
  }

  get #path(): string {
    return `${ROOT}/node-${this.#node + 1}`;
  }

  #send(session: ProbeSession, kind: ProbeKind): Promise<unknown> {
    const path = this.#path;
    if (kind === 'read') {
      const read = { path, watch: false };
      return session.request(OpCode.getData, (writer) => writeGetDataRequest(writer, read));
    }
    const write = { path, data: DATA, version: -1 };
    return session.request(OpCode.setData, (writer) => writeSetDataRequest(writer, write));
  }

  #keep(session: ProbeSession): void {
    this.#session = session;
    session.onClosed(() => {
      this.#lostMs = performance.now();
      this.#session = undefined;
      void this.#reconnect();
    });
  }

  async #reconnect(): Promise<void> {
    while (!this.#isStopped) {
      await sleep(RECONNECT_MS);
      try {
        const session = await ProbeSession.open(this.#server, OPEN_MS_MAX);
        if (this.#isStopped) session.destroy();
        else this.#keep(session);
        return;
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
      }
    }
  }
}

async function create(session: ProbeSession, path: string): Promise<void> {
  const request = { path, data: DATA, acls: OPEN_ACL, flags: CreateMode.persistent };
  try {
    await session.request(OpCode.create, (writer) => writeCreateRequest(writer, request));
  } catch (error) {
    const isThere =
      error instanceof ProbeError && error.message === errorCodeName(ErrorCode.nodeExists);
    if (!isThere) throw error;
  }
}
