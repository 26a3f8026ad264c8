import {
  ErrorCode,
  JuteReader,
  readConnectRequest,
  readConnectResponse,
  readReplyHeader,
  readRequestHeader,
  readWatcherEvent,
  SpecialXid,
  WatchEventType,
  type ReplyHeader,
} from '@bellwether/protocol';
import { OracleError } from '@bellwether/simulator/oracle';
import { outcomeOf, shownBy } from './answered.ts';
import { readAsked, type Asked } from './asked.ts';
import type { ClientRecorder } from './client-recorder.ts';
import { FrameCutter } from './frames.ts';

/** Sent, and not answered yet. */
interface Pending {
  readonly xid: number;
  readonly asked: Asked;
  readonly session: number;
  readonly invokedMs: number;
  /** When the sync right before it was asked for; undefined when something else was. */
  readonly syncedMs: number | undefined;
}

interface Greeting {
  readonly sessionId: number;
  readonly invokedMs: number;
}

/** One connection of a client, both ways. */
export class ConnectionRecorder {
  readonly #client: ClientRecorder;
  readonly #sent = new FrameCutter();
  readonly #received = new FrameCutter();
  readonly #pending: Pending[] = [];
  #greeting: Greeting | undefined;
  #isGreeted = false;
  #isClosed = false;

  constructor(client: ClientRecorder) {
    this.#client = client;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** Bytes that the client sends; before they leave. */
  onSent(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    for (const frame of this.#sent.push(bytes)) {
      this.#attempt(() => this.#onRequest(new JuteReader(frame)));
    }
  }

  /** Bytes that the server sent; before the client has them. */
  onReceived(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    for (const frame of this.#received.push(bytes)) {
      this.#attempt(() => this.#onReply(new JuteReader(frame)));
    }
  }

  /** What was not answered never will be. */
  onClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const pending of this.#pending.splice(0)) this.#recordLost(pending);
  }

  /** What nobody may say is a matter for the judge, not for the client that it was said to. */
  #attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#client.history.addProblem(error as Error);
      this.onClosed();
    }
  }

  #onRequest(reader: JuteReader): void {
    const { history, session } = this.#client;
    if (this.#greeting === undefined) {
      const { sessionId } = readConnectRequest(reader);
      this.#greeting = { sessionId, invokedMs: history.nowMs };
      return;
    }
    const { xid, opCode } = readRequestHeader(reader);
    if (xid < 0) return;
    const asked = readAsked(opCode, reader);
    const before = this.#pending.at(-1);
    const syncedMs = before?.asked.kind === 'sync' ? before.invokedMs : undefined;
    this.#pending.push({ xid, asked, session, invokedMs: history.nowMs, syncedMs });
  }

  #onReply(reader: JuteReader): void {
    if (!this.#isGreeted) return this.#onGreeted(reader);
    const header = readReplyHeader(reader);
    if (header.xid === SpecialXid.event) return this.#onEvent(reader);
    if (header.xid < 0) return;
    const pending = this.#pending.shift();
    if (pending?.xid !== header.xid) {
      const what = `client ${this.#client.client} waits for an answer to ${pending?.xid}`;
      throw new OracleError('clientOrder', `${what}, and has one to ${header.xid}`);
    }
    this.#record(pending, header, reader);
  }

  #onGreeted(reader: JuteReader): void {
    this.#isGreeted = true;
    const { sessionId, timeoutMs } = readConnectResponse(reader);
    const { sessionId: wanted, invokedMs } = this.#greeting ?? { sessionId: 0, invokedMs: 0 };
    if (timeoutMs <= 0) {
      if (wanted === 0) return;
      this.#recordSession(wanted, 'lost', invokedMs);
      return this.#client.onSessionOver();
    }
    const isNew = sessionId !== wanted;
    if (isNew) this.#client.onOpened(sessionId);
    this.#recordSession(sessionId, isNew ? 'opened' : 'resumed', invokedMs);
  }

  #recordSession(
    session: number,
    what: 'opened' | 'resumed' | 'closed' | 'lost',
    invokedMs: number,
    zxid = 0,
  ): void {
    const { history, client } = this.#client;
    history.add({
      ...{ type: 'session', client, session, what, zxid },
      ...{ invokedMs, endedMs: history.nowMs },
    });
  }

  #onEvent(reader: JuteReader): void {
    const { history, client, session } = this.#client;
    const { type, path } = readWatcherEvent(reader);
    const watch = type === WatchEventType.nodeChildrenChanged ? 'children' : 'data';
    const { nowMs } = history;
    history.add({ type: 'event', client, session, path, watch, invokedMs: nowMs, endedMs: nowMs });
  }

  #record(pending: Pending, { error, zxid }: ReplyHeader, reader: JuteReader): void {
    const { history, client } = this.#client;
    const { asked, session, invokedMs, syncedMs } = pending;
    const who = { client, session, invokedMs, endedMs: history.nowMs };
    switch (asked.kind) {
      case 'write': {
        const outcome = outcomeOf(asked, error, reader);
        const isDone = outcome.outcome === 'done';
        return history.add({ type: 'write', ...who, ...outcome, zxid: isDone ? zxid : 0 });
      }
      case 'read': {
        const shown = shownBy(asked, error, reader);
        if (shown === undefined) return history.addLostRead();
        const guarantee = syncedMs === undefined ? 'sequential' : 'linearizable';
        const since = { invokedMs: syncedMs ?? invokedMs };
        return history.add({
          ...{ type: 'read', ...who, ...since, path: asked.path, guarantee, zxid },
          ...shown,
        });
      }
      case 'close':
        if (error !== ErrorCode.ok) return;
        this.#recordSession(session, 'closed', invokedMs, zxid);
        return this.#client.onSessionOver();
      case 'sync':
      case 'other':
        return;
      default:
        asked satisfies never;
    }
  }

  #recordLost({ asked, session, invokedMs }: Pending): void {
    const { history, client } = this.#client;
    if (asked.kind === 'read') history.addLostRead();
    if (asked.kind !== 'write') return;
    const { changes } = asked;
    history.add({
      ...{ type: 'write', client, session, invokedMs, endedMs: history.nowMs, changes },
      ...{ outcome: 'indeterminate', error: 0, zxid: 0 },
    });
  }
}
