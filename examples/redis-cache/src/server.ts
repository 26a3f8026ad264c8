import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { isClusterError } from 'bellwether';
import { execute, kindOf } from './commands.ts';
import { encodeReply, ProtocolError, RequestReader, RespError, type Reply } from './resp.ts';
import type { Surroundings } from './surroundings.ts';

/** Requests of one connection that are under way; more are not read. */
const UNDER_WAY_MAX = 1_000;

/**
 * Serves RESP. Requests of a connection are answered in their order; writes that follow each other go
 * through the cluster together, and so do reads.
 */
export async function serve(around: Surroundings, port: number): Promise<void> {
  const server = createServer({ noDelay: true }, (socket) => new Connection(socket, around));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

class Connection {
  readonly #socket: Socket;
  readonly #around: Surroundings;
  readonly #reader = new RequestReader();
  /** The newest request is answered. */
  #last: Promise<void> = Promise.resolve();
  /** Those of the other kind before the newest are. */
  #turn: Promise<void> = Promise.resolve();
  #kind: 'read' | 'write' = 'read';
  #underWay = 0;

  constructor(socket: Socket, around: Surroundings) {
    this.#socket = socket;
    this.#around = around;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('error', () => socket.destroy());
  }

  #onData(bytes: Buffer): void {
    try {
      for (const request of this.#reader.add(bytes)) this.#take(request);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#socket.end(encodeReply(new RespError(`ERR Protocol error: ${error.message}`)));
    }
  }

  #take(request: readonly Buffer[]): void {
    this.#underWay += 1;
    if (this.#underWay >= UNDER_WAY_MAX) this.#socket.pause();
    const kind = kindOf(request);
    if (kind !== this.#kind) this.#turn = this.#last;
    this.#kind = kind;
    const reply = this.#turn.then(() => execute(request, this.#around)).catch(errorReply);
    this.#last = this.#last.then(async () => this.#answer(await reply));
    if (String(request[0]).toUpperCase() === 'QUIT') {
      this.#last = this.#last.then(() => void this.#socket.end());
    }
  }

  #answer(reply: Reply): void {
    this.#underWay -= 1;
    if (this.#underWay < UNDER_WAY_MAX / 2) this.#socket.resume();
    if (!this.#socket.writable) return;
    // What is answered together is sent together.
    this.#socket.cork();
    this.#socket.write(encodeReply(reply));
    process.nextTick(() => this.#socket.uncork());
  }
}

/** The three outcomes, in Redis' words: TRYAGAIN says that nothing has happened. */
function errorReply(error: unknown): RespError {
  if (error instanceof RespError) return error;
  if (!isClusterError(error)) return new RespError(`ERR ${String(error)}`);
  if (error.code === 'COMMAND_REJECTED') return new RespError(error.message);
  return new RespError(`${error.indeterminate ? 'UNKNOWN' : 'TRYAGAIN'} ${error.message}`);
}
