import type { ServiceDirectory, ServiceInstance } from '@bellwether/client/recipes';

/** Instances that one request may try: each failure makes the directory pass over one. */
const ATTEMPTS_MAX = 4;
const PATIENCE_MS = 2_000;

/**
 * Gets over HTTP from whichever instance has least to do, of two by chance. An instance that does not answer
 * is passed over, and the next one is asked: only for requests that may be made twice.
 */
export class BalancedClient {
  readonly #directory: ServiceDirectory;

  constructor(directory: ServiceDirectory) {
    this.#directory = directory;
  }

  /** The body, once some instance has answered. */
  async get(path: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<string> {
    const failures: unknown[] = [];
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      try {
        return await this.#directory.call((instance) => getFrom(instance, path, signal));
      } catch (error) {
        signal?.throwIfAborted();
        failures.push(error);
      }
    }
    throw new AggregateError(failures, `no instance has answered ${path}`);
  }
}

async function getFrom(
  { address, port }: ServiceInstance,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const both = signal === undefined ? patience : AbortSignal.any([signal, patience]);
  const response = await fetch(`http://${address}:${port}${path}`, { signal: both });
  if (response.ok) return response.text();
  throw new Error(`${address}:${port} answered ${response.status}`);
}
