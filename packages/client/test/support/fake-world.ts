import type { DialTarget, Runtime, Transport, TransportHandlers } from '../../src/runtime.ts';
import type { FakeServer } from './fake-server.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly onTime: () => void;
}

/** A clock that tests move, and servers that are objects. The same calls give the same run. */
export class FakeWorld implements Runtime {
  readonly #servers = new Map<string, FakeServer>();
  readonly #timers = new Set<Timer>();
  readonly dialled: string[] = [];
  #nowMs = 1_000;
  #order = 0;
  #seed = 1;

  add(server: FakeServer): FakeServer {
    this.#servers.set(server.address, server);
    return server;
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  setTimer(onTime: () => void, delayMs: number): Timer {
    const timer = { atMs: this.#nowMs + delayMs, order: this.#order++, onTime };
    this.#timers.add(timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  defer(work: () => void): void {
    queueMicrotask(work);
  }

  random(): number {
    this.#seed = (this.#seed * 48_271) % 0x7fff_ffff;
    return this.#seed / 0x7fff_ffff;
  }

  uuid(): string {
    const digits = Math.floor(this.random() * 2 ** 32)
      .toString(16)
      .padStart(12, '0');
    return `00000000-0000-4000-8000-${digits}`;
  }

  dial({ host, port }: DialTarget, handlers: TransportHandlers): Transport {
    const address = `${host}:${port}`;
    this.dialled.push(address);
    const server = this.#servers.get(address);
    if (server === undefined) throw new Error(`no server ${address}`);
    return server.accept(handlers);
  }

  /** Lets everything happen that happens within this time. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= untilMs);
      const [next] = due.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.onTime();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  /** The process stands still: time passes, and nothing runs. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }
}

/** All promises that can be settled are. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
