import { RawClient } from './raw-client.ts';
import type { TestNode } from './test-node.ts';

/** Sets one znode again and again, each time as soon as the last one is acknowledged. */
export class SteadyWriter {
  readonly node: TestNode;
  gapMsMax = 0;
  writes = 0;
  failure: unknown;
  readonly #client: RawClient;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(node: TestNode, client: RawClient) {
    this.node = node;
    this.#client = client;
  }

  static async start(node: TestNode, path: string): Promise<SteadyWriter> {
    const client = await RawClient.connect(node.address);
    await client.create(path, '');
    const writer = new SteadyWriter(node, client);
    writer.#running = writer.#run(path);
    return writer;
  }

  /** Forgets what was measured so far. */
  begin(): void {
    this.gapMsMax = 0;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    if (this.failure === undefined) await this.#client.close();
  }

  async writesReached(count: number): Promise<void> {
    while (this.writes < count && this.failure === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async #run(path: string): Promise<void> {
    let acknowledgedMs = performance.now();
    try {
      while (!this.#stopped) {
        await this.#client.setData(path, String(this.writes));
        const nowMs = performance.now();
        this.gapMsMax = Math.max(this.gapMsMax, nowMs - acknowledgedMs);
        acknowledgedMs = nowMs;
        this.writes++;
      }
    } catch (error) {
      this.failure = error;
    }
  }
}
