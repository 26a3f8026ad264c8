import { writeOutcomeReply, type Coordinator, type Outcome } from '@bellwether/coordination';
import {
  ErrorCode,
  JuteReader,
  ProtocolError,
  SpecialXid,
  readSyncRequest,
  writeGetDataResponse,
  writeReplyHeader,
  writeSaslToken,
  writeSyncResponse,
} from '@bellwether/protocol';
import type { LogIndex } from '@bellwether/raft';
import type { Connection } from './connection.ts';
import { writeHeaderReply } from './header-reply.ts';
import { SERVER_LIMITS } from './limits.ts';
import { mayWatch } from './watch-limit.ts';
import { isRead, serveRead } from './reads.ts';

/** Writes replies into the outputs of connections. What is malformed is answered, never thrown. */
export class Answers {
  readonly #coordinator: Coordinator;
  readonly #reader = new JuteReader();

  constructor(coordinator: Coordinator) {
    this.#coordinator = coordinator;
  }

  /** Of a write whose entry is applied. */
  toWrite(
    connection: Connection,
    xid: number,
    opCode: number,
    index: LogIndex,
    outcome: Outcome,
  ): void {
    const { output } = connection;
    const frame = output.beginFrame();
    writeOutcomeReply(output, xid, index, opCode, outcome);
    output.endFrame(frame);
    connection.onReplyWritten(output);
  }

  /** Of a read, or of what is neither read nor write: body is bytes[start..end). */
  toRead(
    connection: Connection,
    xid: number,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (!isRead(opCode)) return this.#toUnknown(connection, xid);
    if (mayWatch(opCode, bytes[end - 1] ?? 0) && this.#watchesTooMuch(connection)) {
      return this.refusal(connection, xid, ErrorCode.quotaExceeded);
    }
    try {
      const reader = this.#reader.reset(bytes, start, end);
      serveRead(this.#coordinator, connection, xid, opCode, reader);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      connection.onReplyGivenUp();
      const zxid = this.#coordinator.lastAppliedIndex;
      writeHeaderReply(connection.output, xid, zxid, ErrorCode.marshallingError);
    }
    connection.onReplyWritten(connection.output);
  }

  /** The path comes back as it was sent; ZooKeeper does not look at it either. */
  toSync(connection: Connection, xid: number, bytes: Uint8Array, start: number, end: number): void {
    const zxid = this.#coordinator.lastAppliedIndex;
    const path = this.#syncPath(bytes, start, end);
    if (path === undefined) {
      return this.header(connection, xid, zxid, ErrorCode.marshallingError);
    }
    const { output } = connection;
    const frame = output.beginFrame();
    writeReplyHeader(output, xid, zxid, ErrorCode.ok);
    writeSyncResponse(output, path);
    output.endFrame(frame);
    connection.onReplyWritten(output);
  }

  /** The configuration as it is now, as getData would answer. */
  toReconfig(connection: Connection, xid: number, verdict: ErrorCode): void {
    const zxid = this.#coordinator.lastAppliedIndex;
    if (verdict !== ErrorCode.ok) return this.header(connection, xid, zxid, verdict);
    const { output } = connection;
    const znode = this.#coordinator.configuration();
    const frame = output.beginFrame();
    writeReplyHeader(output, xid, zxid, ErrorCode.ok);
    writeGetDataResponse(output, znode.data, znode);
    output.endFrame(frame);
    connection.onReplyWritten(output);
  }

  /**
   * What the mechanism has to say; with zxid 0, as in ZooKeeper. null stands behind the error of a proof
   * that failed: Apache's Java client looks for it, not for the error, and tries for ever without.
   */
  toSasl(connection: Connection, xid: number, error: ErrorCode, token: Uint8Array | null): void {
    const { output } = connection;
    const frame = output.beginFrame();
    writeReplyHeader(output, xid, 0, error);
    writeSaslToken(output, { token });
    output.endFrame(frame);
    connection.onReplyWritten(output);
  }

  /** Under the number that pings have, whichever it came under, as in ZooKeeper. */
  toPing(connection: Connection): void {
    this.header(connection, SpecialXid.ping, this.#coordinator.lastAppliedIndex, ErrorCode.ok);
  }

  /** A header alone, with the zxid of what has been applied. */
  refusal(connection: Connection, xid: number, error: number): void {
    this.header(connection, xid, this.#coordinator.lastAppliedIndex, error);
  }

  /** A reply that is a header alone. */
  header(connection: Connection, xid: number, zxid: number, error: number): void {
    const { output } = connection;
    writeHeaderReply(output, xid, zxid, error);
    connection.onReplyWritten(output);
  }

  /** ZooKeeper answers with zxid -1, then closes. */
  #toUnknown(connection: Connection, xid: number): void {
    this.header(connection, xid, -1, ErrorCode.unimplemented);
    connection.end();
  }

  /** Before the request is read: a single one more, or one setWatches, may go beyond the limit. */
  #watchesTooMuch(connection: Connection): boolean {
    const { watches } = this.#coordinator;
    if (watches.watchCount >= SERVER_LIMITS.watchesMax) return true;
    const { watchesMax } = connection;
    return watchesMax > 0 && watches.countOf(connection) >= watchesMax;
  }

  #syncPath(bytes: Uint8Array, start: number, end: number): string | undefined {
    try {
      return readSyncRequest(this.#reader.reset(bytes, start, end)).path;
    } catch (error) {
      if (error instanceof ProtocolError) return undefined;
      throw error;
    }
  }
}
