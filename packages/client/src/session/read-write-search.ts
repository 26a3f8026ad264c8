import type { HostPort } from '../connect-string.ts';
import { ATTEMPT_MS_MAX, READ_WRITE_SEARCH_MS_MAX, READ_WRITE_SEARCH_MS_MIN } from '../limits.ts';
import type { Runtime, Transport } from '../runtime.ts';

const QUESTION = Uint8Array.from('isro', (letter) => letter.charCodeAt(0));
const READ_WRITE = 'rw';

/**
 * While the client is with a read-only server: asks one server after the other, with the
 * four-letter word isro, whether it has a quorum.
 */
export class ReadWriteSearch {
  readonly #runtime: Runtime;
  readonly #hosts: readonly HostPort[];
  readonly #onFound: () => void;
  #timer: unknown;
  #transport: Transport | undefined;
  #next = 0;
  #pauseMs = READ_WRITE_SEARCH_MS_MIN;

  constructor(runtime: Runtime, hosts: readonly HostPort[], onFound: () => void) {
    this.#runtime = runtime;
    this.#hosts = hosts;
    this.#onFound = onFound;
  }

  start(): void {
    this.stop();
    this.#pauseMs = READ_WRITE_SEARCH_MS_MIN;
    this.#askLater();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#transport?.destroy();
    this.#transport = undefined;
  }

  #askLater(): void {
    this.#transport?.destroy();
    this.#transport = undefined;
    this.#setTimer(() => this.#ask(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, READ_WRITE_SEARCH_MS_MAX);
  }

  #ask(): void {
    const target = this.#hosts[this.#next++ % this.#hosts.length]!;
    let answer = '';
    this.#setTimer(() => this.#askLater(), ATTEMPT_MS_MAX);
    this.#transport = this.#runtime.dial(target, {
      onConnected: () => this.#transport?.write(QUESTION, () => undefined),
      onData: (bytes) => {
        answer += String.fromCharCode(...bytes.subarray(0, READ_WRITE.length));
        if (answer.length < READ_WRITE.length) return;
        if (!answer.startsWith(READ_WRITE)) return this.#askLater();
        this.stop();
        this.#onFound();
      },
      onClosed: () => this.#askLater(),
    });
  }

  #setTimer(onTime: () => void, delayMs: number): void {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer);
    this.#timer = this.#runtime.setTimer(onTime, delayMs);
  }
}
