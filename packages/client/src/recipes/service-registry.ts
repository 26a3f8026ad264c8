import type { Client } from '../client.ts';
import { joinPath } from '../paths.ts';
import { keepEphemeral } from './persistent-ephemeral.ts';
import { ServiceDirectory } from './service-directory.ts';
import { encodeInstance, type ServiceInstance } from './service-instance.ts';
import { Registration, type HealthCheck } from './service-registration.ts';
import { waitFor, type WaitOptions } from './support/patience.ts';

/** What an instance says about itself. */
export interface Registering {
  readonly address: string;
  readonly port?: number;
  readonly sslPort?: number;
  /** Default: by chance. */
  readonly id?: string;
  /** JSON. */
  readonly payload?: unknown;
  /** Looks again and again whether this instance wants calls. Default: it does. */
  readonly health?: HealthCheck;
}

/**
 * Services, and where their instances are.
 *
 * Guarantees: an instance is found from `register` on as long as its client is connected and some
 * time longer, at most its session timeout; it registers again by itself after a lost session. A
 * directory has one watch on the service and one on each instance; each copy of it is newer than the
 * one before.
 *
 * Suspended: instances stay; directories grow old, and go on answering. Lost: the instance goes, and
 * comes back with the next session. Shares its znodes with Curator's service discovery.
 */
export class ServiceRegistry {
  readonly #client: Client;
  readonly #path: string;

  /** @param path a znode that is made when it is missing; its children are the services */
  constructor(client: Client, path: string) {
    this.#client = client;
    this.#path = path;
  }

  /** Resolves when it can be found; closing the registration ends that. */
  async register(
    name: string,
    registering: Registering,
    options: WaitOptions = {},
  ): Promise<Registration> {
    const instance: ServiceInstance = {
      name,
      id: registering.id ?? this.#client.runtime.uuid(),
      address: registering.address,
      port: registering.port ?? null,
      sslPort: registering.sslPort ?? null,
      payload: registering.payload ?? null,
      registrationTimeUTC: this.#client.runtime.wallMs(),
      enabled: true,
    };
    const path = joinPath(joinPath(this.#path, name), instance.id);
    const node = await keepEphemeral(this.#client, path, encodeInstance(instance), options);
    return new Registration(this.#client, node, instance, registering.health);
  }

  /** The instances of a service; close the directory when it is not needed any more. */
  async discover(name: string, options: WaitOptions = {}): Promise<ServiceDirectory> {
    const directory = new ServiceDirectory(this.#client, joinPath(this.#path, name), name);
    try {
      await waitFor(this.#client, options, () => directory.ready);
      return directory;
    } catch (error) {
      directory.close();
      throw error;
    }
  }

  /** The services that have been registered ever. */
  services(options: WaitOptions = {}): Promise<readonly string[]> {
    return waitFor(this.#client, options, async () => {
      await this.#client.ensurePath(this.#path);
      return (await this.#client.getChildren(this.#path)).children;
    });
  }
}
