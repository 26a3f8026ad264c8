import type { Message, RaftNode, Ready, ReadyNumber } from '@bellwether/raft';
import type { LogStore } from '@bellwether/storage';
import type { Clock } from '../clock.ts';
import type { AnswerTimer } from '../detection/answer-timer.ts';
import { LIMITS } from '../limits.ts';

interface Owner {
  readonly health: { readonly disk: AnswerTimer };
  readonly core: RaftNode;
  readonly log: LogStore;
  /** A message that waited for the disk. */
  send(message: Message): void;
  onPersisted(): void;
}

interface Waiting {
  readonly number: ReadyNumber;
  readonly mustFlush: boolean;
  readonly messages: readonly Message[];
}

/**
 * Holds back what may leave the node only once the work before it is durable. One flush is under way
 * at a time; everything that comes meanwhile waits for the next one, together (group commit).
 */
export class Persister {
  readonly #owner: Owner;
  readonly #clock: Clock;
  readonly #onFailed: (error: Error) => void;
  readonly #waiting: Waiting[] = [];
  #isFlushing = false;
  #ticksIdle = 0;
  readonly #statistics = { flushes: 0, msTotal: 0, msMax: 0 };

  constructor(owner: Owner, clock: Clock, onFailed: (error: Error) => void) {
    this.#owner = owner;
    this.#clock = clock;
    this.#onFailed = onFailed;
  }

  /** Flushes so far, their total and longest time in ms. */
  get statistics(): { readonly flushes: number; readonly msTotal: number; readonly msMax: number } {
    return this.#statistics;
  }

  add(ready: Ready): void {
    const { number, mustFlush, messagesAfterPersist: messages } = ready;
    this.#waiting.push({ number, mustFlush, messages });
  }

  /** After a while without a write, what was written last is confirmed on the disk. */
  tick(): void {
    this.#ticksIdle = this.#isFlushing ? 0 : this.#ticksIdle + 1;
    if (this.#ticksIdle === LIMITS.confirmTicks) this.#owner.log.confirm();
  }

  /** Starts the next flush unless one is under way; batches with nothing to flush pass at once. */
  flush(): void {
    if (this.#isFlushing) return;
    const needed = this.#waiting.findLastIndex((item) => item.mustFlush);
    if (needed < 0) return this.#passAtOnce();
    const count = this.#waiting.length;
    this.#isFlushing = true;
    this.#owner.health.disk.onAsked();
    this.#ticksIdle = 0;
    const startedMs = this.#clock.nowMs();
    this.#owner.log.flush((error) => {
      this.#isFlushing = false;
      if (error !== undefined) return this.#onFailed(error);
      this.#owner.health.disk.onAnswered();
      this.#count(this.#clock.nowMs() - startedMs);
      this.#release(count);
      this.#owner.onPersisted();
    });
  }

  #passAtOnce(): void {
    this.#release(this.#waiting.length);
    if (this.#owner.core.hasReady()) this.#owner.onPersisted();
  }

  #count(ms: number): void {
    this.#statistics.flushes += 1;
    this.#statistics.msTotal += ms;
    if (ms > this.#statistics.msMax) this.#statistics.msMax = ms;
  }

  #release(count: number): void {
    if (count === 0) return;
    const released = this.#waiting.splice(0, count);
    for (const { messages } of released) {
      for (const message of messages) this.#owner.send(message);
    }
    const last = released.at(-1);
    if (last !== undefined) this.#owner.core.onPersisted(last.number);
  }
}
