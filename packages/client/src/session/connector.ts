import { BACKOFF_MS_MAX } from '../limits.ts';
import type { HostPort } from '../connect-string.ts';
import type { Runtime } from '../runtime.ts';
import { Backoff } from './backoff.ts';
import type { HostList } from './host-list.ts';

/** A connection that served for less is no reason to try again without a pause. */
const STABLE_MS = BACKOFF_MS_MAX / 2;

/** Says when to dial, and whom: all servers one after the other, then a pause that grows. */
export class Connector {
  readonly #runtime: Runtime;
  readonly #hosts: HostList;
  readonly #backoff: Backoff;
  readonly #dial: (target: HostPort) => void;
  #timer: unknown;
  #servingMs: number | undefined;

  constructor(runtime: Runtime, hosts: HostList, dial: (target: HostPort) => void) {
    this.#runtime = runtime;
    this.#hosts = hosts;
    this.#backoff = new Backoff(() => runtime.random());
    this.#dial = dial;
  }

  start(): void {
    this.#hosts.beginRound();
    this.#dialNext();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  onServing(target: HostPort): void {
    this.#servingMs = this.#runtime.nowMs();
    this.#hosts.onServing(target);
  }

  /** The attempt failed, or the connection that served broke. */
  onClosed(target: HostPort): void {
    const servedMs = this.#servingMs === undefined ? 0 : this.#runtime.nowMs() - this.#servingMs;
    if (this.#servingMs === undefined) {
      this.#hosts.onFailed(target);
      return this.#hosts.isRoundOver ? this.#dialAfterPause() : this.#dialNext();
    }
    this.#servingMs = undefined;
    this.#hosts.beginRound(target);
    if (servedMs < STABLE_MS) return this.#dialAfterPause();
    this.#backoff.reset();
    this.#dialNext();
  }

  #dialAfterPause(): void {
    this.#timer = this.#runtime.setTimer(() => this.#dialNext(), this.#backoff.next());
  }

  #dialNext(): void {
    this.#timer = undefined;
    this.#dial(this.#hosts.next());
  }
}
