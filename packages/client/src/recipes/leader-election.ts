import { addAbortListener, removeAbortListener } from '../abort-listeners.ts';
import type { Client } from '../client.ts';
import { isClientError } from '../errors.ts';
import { joinPath } from '../paths.ts';
import type { LockOptions } from './lock.ts';
import { sortContenders } from './support/contender-names.ts';
import type { Hold } from './support/hold.ts';
import { nearest, readLine, standInLine, type LineOptions } from './support/line.ts';
import { waitFor, type WaitOptions } from './support/patience.ts';
import { Alarm, isAborted, persist } from './support/persist.ts';

/** Who leads. */
export interface Leader {
  readonly id: string;
  readonly path: string;
  /** The leader's fencing token. */
  readonly fencingToken: number;
}

/** Where those who observe an election look. */
export interface ObserveOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

/**
 * An election: one leader at a time, in the order of campaigning.
 *
 * Guarantees: those of `Lock`, a leadership being a hold: while the leader's session lives there is
 * no other; `fencingToken` rises from leader to leader; `signal` aborts as soon as the leadership
 * may be lost; `release` resigns. A candidate watches the one before it only. Those who observe see
 * each leader that stays for a while, not necessarily each one that there was.
 *
 * Suspended and lost: as `Lock`. A leader whose signal aborted campaigns again when it wants to;
 * `run` does.
 *
 * Shares its znodes with kazoo's Election and Lock; with `layout: 'curator'` with Curator's
 * LeaderLatch.
 */
export class LeaderElection {
  readonly #client: Client;
  readonly #line: LineOptions;

  /** @param path a znode that is made when it is missing; its children are the candidates */
  constructor(client: Client, path: string, options: LockOptions = {}) {
    const { id = '', layout = 'kazoo', whenSuspended = 'stop' } = options;
    this.#client = client;
    this.#line = { path, layout, whenSuspended, role: 'latch', data: id, blocker: nearest };
  }

  /** Waits until this one leads. */
  campaign(options: WaitOptions = {}): Promise<Hold> {
    return waitFor(
      this.#client,
      options,
      (signal) => standInLine(this.#client, this.#line, signal),
      (hold) => hold.lose('it came too late'),
    );
  }

  /**
   * Campaigns, works as the leader, and campaigns again, until the signal aborts. The work has to
   * end when the leadership's signal aborts; when it returns by itself, another may lead. What it
   * throws ends the run.
   */
  async run(work: (leadership: Hold) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let leadership: Hold;
      try {
        leadership = await this.campaign({ signal });
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      const resign = (): void => void leadership.release();
      addAbortListener(signal, resign);
      try {
        await work(leadership);
      } finally {
        removeAbortListener(signal, resign);
        await leadership.release();
      }
    }
  }

  /** Who leads now, as this client's server knows it; null: nobody. */
  async leader(): Promise<Leader | null> {
    return this.#findLeader(undefined);
  }

  /** The `id`s of the leader and of the candidates, in order. */
  candidates(): Promise<readonly string[]> {
    return readLine(this.#client, this.#line.path);
  }

  /** Who leads, and each change of it; null: nobody. */
  async *observe({ signal }: ObserveOptions = {}): AsyncGenerator<Leader | null, void> {
    const alarm = new Alarm();
    const onClosed = alarm.ring;
    this.#client.on('closed', onClosed);
    let last: string | undefined;
    try {
      while (!isAborted(signal) && this.#client.state !== 'closed') {
        const leader = await persist(this.#client, () => this.#findLeader(alarm.ring), signal);
        const path = leader?.path ?? '';
        if (path !== last) yield leader;
        last = path;
        await alarm.wait(signal);
      }
    } catch (error) {
      if (signal?.aborted !== true && !isClientError(error, 'closed')) throw error;
    } finally {
      this.#client.off('closed', onClosed);
    }
  }

  /** With a watch on the leader's znode alone; on the candidates only while there is none. */
  async #findLeader(onWatch: (() => void) | undefined): Promise<Leader | null> {
    const { path } = this.#line;
    for (;;) {
      const [first] = sortContenders(await this.#children(path));
      if (first === undefined) {
        if (onWatch === undefined || (await this.#watchForCandidates(onWatch))) return null;
        continue;
      }
      const leader = joinPath(path, first.name);
      try {
        const { data, stat } = await this.#client.getData(
          leader,
          onWatch === undefined ? {} : { onWatch },
        );
        return { id: data.toString(), path: leader, fencingToken: stat.czxid };
      } catch (error) {
        if (!isClientError(error, 'noNode')) throw error;
      }
    }
  }

  async #children(path: string): Promise<readonly string[]> {
    try {
      return (await this.#client.getChildren(path)).children;
    } catch (error) {
      if (isClientError(error, 'noNode')) return [];
      throw error;
    }
  }

  /** False when there is one after all. */
  async #watchForCandidates(onWatch: () => void): Promise<boolean> {
    const { path } = this.#line;
    try {
      const { children } = await this.#client.getChildren(path, { onWatch });
      return sortContenders(children).length === 0;
    } catch (error) {
      if (!isClientError(error, 'noNode')) throw error;
      return (await this.#client.exists(path, { onWatch })) === null;
    }
  }
}
