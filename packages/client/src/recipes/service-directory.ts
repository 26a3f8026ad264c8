import type { Client } from '../client.ts';
import { ClientError } from '../errors.ts';
import { ChildrenCache, type ChildrenByName } from './children-cache.ts';
import { randomOfTwo, type PickStrategy } from './load-balancing.ts';
import { decodeInstance, type ServiceInstance } from './service-instance.ts';
import type { ChangesOptions } from './support/follower.ts';
import { waitFor, type WaitOptions } from './support/patience.ts';

/** How long an instance whose call failed is passed over, doubled for each failure in a row. */
const PASS_OVER_MS_MIN = 1_000;
const PASS_OVER_MS_MAX = 30_000;

interface Record {
  callsUnderWay: number;
  failuresInRow: number;
  passedOverUntilMs: number;
}

/** The instances of one service, kept up to date. */
export class ServiceDirectory {
  /** Resolves when the instances are known for the first time. */
  readonly ready: Promise<void>;
  readonly #client: Client;
  readonly #name: string;
  readonly #cache: ChildrenCache;
  readonly #records = new Map<string, Record>();
  readonly #strategy: PickStrategy;

  constructor(client: Client, path: string, name: string) {
    this.#client = client;
    this.#name = name;
    this.#cache = new ChildrenCache(client, path);
    this.#strategy = randomOfTwo(() => client.runtime.random());
    this.ready = this.#cache.ready;
  }

  /** All of them, those that want no calls too. */
  get instances(): readonly ServiceInstance[] {
    return toInstances(this.#cache.current ?? new Map());
  }

  /** All of them now, and again at each change. */
  async *changes(options: ChangesOptions = {}): AsyncGenerator<readonly ServiceInstance[], void> {
    for await (const children of this.#cache.changes(options)) yield toInstances(children);
  }

  /**
   * One that wants calls and whose calls have not failed lately; when all have failed lately, one of
   * those. Undefined when there is none.
   */
  pick(strategy: PickStrategy = this.#strategy): ServiceInstance | undefined {
    const willing = this.instances.filter(({ enabled }) => enabled);
    const nowMs = this.#client.runtime.nowMs();
    const isWell = ({ id }: ServiceInstance): boolean =>
      (this.#records.get(id)?.passedOverUntilMs ?? 0) <= nowMs;
    const well = willing.filter(isWell);
    const choice = well.length > 0 ? well : willing;
    if (choice.length === 0) return undefined;
    return strategy.pick(choice, (id) => this.#records.get(id)?.callsUnderWay ?? 0);
  }

  /**
   * Calls one that was picked, and remembers how that went: an instance whose call rejects is passed
   * over for a while. Rejects with `lost` when there is none.
   */
  async call<T>(
    work: (instance: ServiceInstance) => Promise<T>,
    strategy: PickStrategy = this.#strategy,
  ): Promise<T> {
    const instance = this.pick(strategy);
    if (instance === undefined) {
      throw new ClientError('lost', { message: `there is no instance of ${this.#name}` });
    }
    const record = this.#recordOf(instance.id);
    record.callsUnderWay++;
    try {
      const result = await work(instance);
      record.failuresInRow = 0;
      record.passedOverUntilMs = 0;
      return result;
    } catch (error) {
      this.#passOver(record);
      throw error;
    } finally {
      record.callsUnderWay--;
      this.#forgetGone();
    }
  }

  /** Resolves when one can be picked. */
  waitForInstance(options: WaitOptions = {}): Promise<ServiceInstance> {
    return waitFor(this.#client, options, async (signal) => {
      for await (const _instances of this.changes({ signal })) {
        const instance = this.pick();
        if (instance !== undefined) return instance;
      }
      throw new ClientError('closed');
    });
  }

  /** Nothing is followed any more. */
  close(): void {
    this.#cache.close();
  }

  #recordOf(id: string): Record {
    const known = this.#records.get(id);
    if (known !== undefined) return known;
    const record = { callsUnderWay: 0, failuresInRow: 0, passedOverUntilMs: 0 };
    this.#records.set(id, record);
    return record;
  }

  #passOver(record: Record): void {
    const passOverMs = Math.min(PASS_OVER_MS_MIN * 2 ** record.failuresInRow, PASS_OVER_MS_MAX);
    record.failuresInRow++;
    record.passedOverUntilMs = this.#client.runtime.nowMs() + passOverMs;
  }

  #forgetGone(): void {
    const instances = this.instances;
    if (this.#records.size <= instances.length) return;
    const ids = new Set(instances.map(({ id }) => id));
    for (const [id, { callsUnderWay }] of this.#records) {
      if (!ids.has(id) && callsUnderWay === 0) this.#records.delete(id);
    }
  }
}

function toInstances(children: ChildrenByName): readonly ServiceInstance[] {
  const instances: ServiceInstance[] = [];
  for (const { data } of children.values()) {
    const instance = decodeInstance(data);
    if (instance !== undefined) instances.push(instance);
  }
  return instances.sort((a, b) => (a.id < b.id ? -1 : 1));
}
