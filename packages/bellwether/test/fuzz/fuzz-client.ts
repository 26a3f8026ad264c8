import { connect, type Socket } from 'node:net';
import { JuteReader, readConnectResponse } from '@bellwether/protocol';
import { expectationOf, type Expectation } from './expectation.ts';
import { count, FuzzFailure, type Counts } from './fuzz-failure.ts';
import type { LeftSession, Script } from './script.ts';

const EVENT_XID = -1;
const REPLY_HEADER_BYTES = 16;
/** Only who waits in vain waits so long. */
const SILENCE_MS_MAX = 20_000;

/** Plays one script, and holds the server to what it owes. */
export class FuzzClient {
  readonly #script: Script;
  readonly #counts: Counts;
  readonly #expected: Expectation;
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #framesReceived = 0;
  #session: LeftSession | undefined;
  #inTurn = 0;
  readonly #outOfTurn: number[];
  #isLeaving = false;
  #fail: (error: Error) => void = () => undefined;

  constructor(port: number, localAddress: string, script: Script, counts: Counts) {
    this.#script = script;
    this.#counts = counts;
    this.#expected = expectationOf(script.bytes);
    this.#outOfTurn = [...this.#expected.outOfTurn];
    this.#socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
  }

  /**
   * Resolves when the connection is closed, with the session that it has left, if any.
   *
   * @throws FuzzFailure when the server did not answer and did not close either, or closed for no
   *   reason, or answered something else than was asked
   */
  play(): Promise<LeftSession | undefined> {
    return new Promise((resolve, reject) => {
      const silence = setTimeout(
        () => this.#fail(this.#failure('neither a reply nor a close')),
        SILENCE_MS_MAX,
      );
      this.#fail = (error) => {
        clearTimeout(silence);
        this.#socket.destroy();
        reject(error);
      };
      this.#socket.on('data', (chunk) => this.#onData(chunk));
      this.#socket.on('error', () => count(this.#counts, 'connections reset'));
      this.#socket.on('connect', () => this.#send(0, 0));
      this.#socket.on('close', () => {
        clearTimeout(silence);
        this.#checkEnd();
        resolve(this.#session);
      });
    });
  }

  #send(cut: number, from: number): void {
    const { bytes, cuts, ending } = this.#script;
    const to = cuts[cut];
    if (this.#socket.destroyed) return;
    this.#socket.write(bytes.subarray(from, to ?? bytes.length));
    if (to !== undefined) return void setImmediate(() => this.#send(cut + 1, to));
    if (ending !== 'wait') this.#isLeaving = true;
    if (ending === 'leave') this.#socket.end();
    else if (ending === 'reset') this.#socket.resetAndDestroy();
    else this.#endWhenAnswered();
  }

  #onData(chunk: Buffer): void {
    // Behind what is no frame may stand the text of a four-letter word.
    if (this.#expected.frames === 0) return this.#socket.end() as unknown as undefined;
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= 4) {
      const end = 4 + this.#bytes.readInt32BE();
      if (end < 4) return this.#fail(this.#failure('a reply of negative length'));
      if (this.#bytes.length < end) break;
      this.#onFrame(this.#bytes.subarray(4, end));
      this.#bytes = this.#bytes.subarray(end);
    }
    this.#endWhenAnswered();
  }

  #onFrame(frame: Buffer): void {
    this.#framesReceived++;
    if (this.#framesReceived === 1) return this.#onGreeted(frame);
    if (frame.length < REPLY_HEADER_BYTES) {
      return this.#fail(this.#failure('a reply without a header'));
    }
    const xid = frame.readInt32BE(0);
    if (xid === EVENT_XID) return count(this.#counts, 'events');
    count(this.#counts, 'replies');
    if (xid === this.#expected.inTurn[this.#inTurn]) {
      this.#inTurn++;
      return;
    }
    const at = this.#outOfTurn.indexOf(xid);
    if (at === -1) return this.#fail(this.#failure(`reply ${xid} out of its turn`));
    this.#outOfTurn.splice(at, 1);
  }

  #onGreeted(frame: Buffer): void {
    const { sessionId, passwd } = readConnectResponse(new JuteReader(frame));
    if (sessionId === 0) return count(this.#counts, 'sessions refused');
    this.#session = { sessionId, password: Uint8Array.from(passwd ?? []) };
    count(this.#counts, 'sessions');
  }

  get #isAnswered(): boolean {
    const { greeting, inTurn } = this.#expected;
    if (greeting === undefined) return true;
    return (
      this.#framesReceived > 0 && this.#inTurn === inTurn.length && this.#outOfTurn.length === 0
    );
  }

  /** What is left over of the stream is no whole frame, and nothing can be asked of the server. */
  #endWhenAnswered(): void {
    if (this.#script.ending === 'wait' && this.#isAnswered && !this.#isLeaving) {
      this.#isLeaving = true;
      this.#socket.end();
    }
  }

  #checkEnd(): void {
    if (this.#isLeaving) return count(this.#counts, 'connections ended by the client');
    count(this.#counts, 'connections ended by the server');
    if (!this.#expected.mayEnd) this.#fail(this.#failure('the server closed for no reason'));
  }

  #failure(what: string): FuzzFailure {
    const { inTurn, outOfTurn } = this.#expected;
    const answered = `${this.#inTurn} of ${inTurn.length} replies in turn`;
    const early = `${outOfTurn.length - this.#outOfTurn.length} of ${outOfTurn.length} before it`;
    return new FuzzFailure(`${what}; ${answered}, ${early}`, this.#script.bytes);
  }
}
