import type { Client } from '../client.ts';
import type { PersistentEphemeral } from './persistent-ephemeral.ts';
import { encodeInstance, type ServiceInstance } from './service-instance.ts';
import { waitFor, type WaitOptions } from './support/patience.ts';
import { pause } from './support/persist.ts';

const HEALTH_INTERVAL_MS_DEFAULT = 5_000;

/** Whether an instance wants calls, asked again and again. */
export interface HealthCheck {
  /** False, a rejection or a time-out: it wants none. */
  readonly check: (signal: AbortSignal) => boolean | Promise<boolean>;
  /** Between two checks; a check has as long. Default: 5,000 ms. */
  readonly intervalMs?: number;
}

/** An instance that is registered. */
export class Registration {
  readonly #client: Client;
  readonly #node: PersistentEphemeral;
  readonly #controller = new AbortController();
  #instance: ServiceInstance;

  constructor(
    client: Client,
    node: PersistentEphemeral,
    instance: ServiceInstance,
    health: HealthCheck | undefined,
  ) {
    this.#client = client;
    this.#node = node;
    this.#instance = instance;
    if (health !== undefined) void this.#keepChecking(health);
  }

  get instance(): ServiceInstance {
    return this.#instance;
  }

  /** `unhealthy`: nobody picks it, until it is healthy again. */
  async setHealth(health: 'healthy' | 'unhealthy', options: WaitOptions = {}): Promise<void> {
    this.#instance = { ...this.#instance, enabled: health === 'healthy' };
    await this.#node.setData(encodeInstance(this.#instance), options);
  }

  /** Resolves when it is not registered any more. */
  close(options: WaitOptions = {}): Promise<void> {
    this.#controller.abort();
    return this.#node.close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #keepChecking({ check, intervalMs }: HealthCheck): Promise<void> {
    const { signal } = this.#controller;
    const pauseMs = intervalMs ?? HEALTH_INTERVAL_MS_DEFAULT;
    while (!signal.aborted && this.#client.state !== 'closed') {
      const isHealthy = await waitFor(this.#client, { signal, timeoutMs: pauseMs }, async (ended) =>
        check(ended),
      ).catch(() => false);
      if (isHealthy !== this.#instance.enabled && !signal.aborted) {
        // Whoever closes the client ends this too.
        await this.setHealth(isHealthy ? 'healthy' : 'unhealthy').catch(() => undefined);
      }
      await pause(this.#client, signal, pauseMs);
    }
  }
}
