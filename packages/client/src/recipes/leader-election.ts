import { addAbortListener, removeAbortListener } from '../abort-listeners.ts';
import type { Client } from '../client.ts';
import { isClientError } from '../errors.ts';
import { joinPath } from '../paths.ts';
import type { LockOptions } from './lock.ts';
import { Alarm } from './support/alarm.ts';
import { sortContenders } from './support/contender-names.ts';
import type { ChangesOptions } from './support/follower.ts';
import type { Hold } from './support/hold.ts';
import { acquire, nearest, readLine, type LineOptions } from './support/line.ts';
import { waitFor, type WaitOptions } from './support/patience.ts';
import { isAborted, persist } from './support/persist.ts';

/** Who leads. */
export interface Leader {
  readonly id: string;
  readonly path: string;
  /** The leader's fencing token. */
  readonly fencingToken: number;
}

/**
 * An election: one leader at a time, in the order of campaigning.
 *
 * Guarantees: those of `Lock`, a leadership being a hold: while the leader's session lives there is
 * no other; `fencingToken` rises from leader to leader; `signal` aborts as soon as the leadership
 * may be lost. A candidate watches the one before it only. Those who observe see each leader that
 * stays for a while, not necessarily each one that there was.
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
  readonly #leaderships = new Set<Hold>();
  readonly #campaigns = new Set<AbortController>();

  /** @param path a znode that is made when it is missing; its children are the candidates */
  constructor(client: Client, path: string, options: LockOptions = {}) {
    const { id = '', layout = 'kazoo', whenSuspended = 'stop' } = options;
    this.#client = client;
    this.#line = { path, layout, whenSuspended, role: 'latch', data: id, blocker: nearest };
  }

  /**
   * Waits until this one leads. The leadership's signal aborts when it may be lost; its `release`
   * resigns. Rejects with `operationTimeout`, `aborted`, `closed`, or what servers refuse.
   */
  campaign(options: WaitOptions = {}): Promise<Hold> {
    return waitFor(
      this.#client,
      options,
      (signal) => this.#campaign(signal),
      (leadership) => leadership.lose('it came too late'),
    );
  }

  /**
   * Gives up the leadership, and what campaigns are under way: they reject with `aborted`. Resolves
   * when another can lead.
   */
  async resign(options: WaitOptions = {}): Promise<void> {
    for (const campaign of this.#campaigns) campaign.abort();
    const leaderships = [...this.#leaderships];
    await Promise.all(leaderships.map((leadership) => leadership.release(options)));
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
      // What it rejects with is told below.
      const resign = (): void => void leadership.release().catch(() => undefined);
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
  leader(options: WaitOptions = {}): Promise<Leader | null> {
    return waitFor(this.#client, options, () => this.#findLeader(undefined));
  }

  /** The `id`s of the leader and of the candidates, in order. */
  candidates(options: WaitOptions = {}): Promise<readonly string[]> {
    return readLine(this.#client, this.#line.path, options);
  }

  /** Who leads, and each change of it; null: nobody. Ends with the signal or the client. */
  async *observe({ signal }: ChangesOptions = {}): AsyncGenerator<Leader | null, void> {
    const alarm = new Alarm();
    this.#client.on('closed', alarm.ring);
    let last: string | undefined;
    try {
      while (!isAborted(signal) && this.#client.state !== 'closed') {
        const leader = await persist(this.#client, () => this.#findLeader(alarm), signal);
        const path = leader?.path ?? '';
        if (path !== last) yield leader;
        last = path;
        await alarm.wait(signal);
      }
    } catch (error) {
      if (signal?.aborted !== true && !isClientError(error, 'closed')) throw error;
    } finally {
      this.#client.off('closed', alarm.ring);
      alarm.close();
    }
  }

  async #campaign(signal: AbortSignal): Promise<Hold> {
    const campaign = new AbortController();
    const end = (): void => campaign.abort(signal.reason);
    this.#campaigns.add(campaign);
    addAbortListener(signal, end);
    try {
      const leadership = await acquire(this.#client, this.#line, campaign);
      this.#leaderships.add(leadership);
      addAbortListener(leadership.signal, () => this.#leaderships.delete(leadership));
      return leadership;
    } finally {
      removeAbortListener(signal, end);
      this.#campaigns.delete(campaign);
    }
  }

  /** With a watch on the leader's znode alone; on the candidates only while there is none. */
  async #findLeader(alarm: Alarm | undefined): Promise<Leader | null> {
    const { path } = this.#line;
    for (;;) {
      const [first] = sortContenders(await this.#children(path));
      if (first === undefined) {
        if (alarm === undefined || (await this.#watchForCandidates(alarm))) return null;
        continue;
      }
      const leader = joinPath(path, first.name);
      try {
        const { data, stat } = await this.#client.getData(leader, alarm?.watch ?? {});
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
  async #watchForCandidates({ watch }: Alarm): Promise<boolean> {
    const { path } = this.#line;
    try {
      const { children } = await this.#client.getChildren(path, watch);
      return sortContenders(children).length === 0;
    } catch (error) {
      if (!isClientError(error, 'noNode')) throw error;
      return (await this.#client.exists(path, watch)) === null;
    }
  }
}
