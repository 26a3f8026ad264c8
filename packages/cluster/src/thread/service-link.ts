import type { Entry } from '@bellwether/raft';
import type { ByteWriter } from '../wire/bytes.ts';
import { writeCommitted, writeToService } from './channel-frames.ts';
import type { ChannelSocket } from './channel-socket.ts';
import type { ToService } from './messages.ts';

/**
 * The consensus's way to its service in another process. In the order of what others wait for: what is said to
 * the service is written behind the work at hand, whose messages to the peers go out first. That counts when the
 * leader is lost, and there is a line for the log and a status to be serialized at each step of an election.
 */
export class ServiceLink {
  readonly #socket: ChannelSocket;
  #waiting: ToService[] = [];
  readonly #write = (): void => this.#writeWaiting();
  // Work that this turn's inputs cause is done in the next one.
  readonly #writeSoon = (): void => void setImmediate(this.#write);

  constructor(socket: ChannelSocket) {
    this.#socket = socket;
  }

  /** @param message is not changed any more */
  post(message: ToService): void {
    this.#waiting.push(message);
    if (this.#waiting.length === 1) setImmediate(this.#writeSoon);
  }

  /** At once: it is the last that is done of the work at hand. */
  deliver(entries: readonly Entry[]): void {
    this.#writeWaiting();
    this.#socket.write((writer) => writeCommitted(writer, entries));
  }

  #writeWaiting(): void {
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    const bodies = messages.map((message) => (writer: ByteWriter): void => {
      writeToService(writer, message);
    });
    this.#socket.write(...bodies);
  }
}
