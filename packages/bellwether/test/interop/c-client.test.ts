import { describe, expect, it } from 'vitest';
import { withCluster } from './cluster-fixture.ts';
import { poll } from './poll.ts';
import { cliMt, titleOf } from './requirements.ts';
import { ServerProcess } from './server-process.ts';

const TEST_TIMEOUT_MS = 60_000;
const ANSWER_DEADLINE_MS = 10_000;

/** ZooKeeper's shell on its C client. Commands run beside each other, so each waits for its answer. */
class CClient {
  readonly #process: ServerProcess;
  #seen = 0;

  private constructor(process: ServerProcess) {
    this.#process = process;
  }

  static async connect(server: string): Promise<CClient> {
    // Answers go to standard output, which it keeps back when that is no terminal.
    const client = new CClient(new ServerProcess(['stdbuf', '-oL', cliMt.program, server]));
    await client.expect(/state = CONNECTED_STATE\n/);
    return client;
  }

  async run(command: string, answer: RegExp): Promise<void> {
    this.#process.writeLine(command);
    await this.expect(answer);
  }

  /** The next output that matches, behind what was expected before. */
  async expect(pattern: RegExp): Promise<void> {
    const behind = new RegExp(`^[^]{${this.#seen},}?(${pattern.source})`);
    const output = () => this.#process.output;
    try {
      const [all] = await poll(
        '',
        ANSWER_DEADLINE_MS,
        async () => behind.exec(output()) ?? undefined,
      );
      this.#seen = all.length;
    } catch {
      throw new Error(`${pattern} does not come:\n${output()}`);
    }
  }

  async quit(): Promise<number | null> {
    this.#process.writeLine('quit');
    await this.#process.waitForEnd();
    return this.#process.exitCode;
  }

  async kill(): Promise<void> {
    await this.#process.end('SIGKILL');
  }
}

describe.skipIf(cliMt.missing !== undefined)(titleOf(cliMt), () => {
  it(
    'creates, reads, lists, sets, watches, authenticates and deletes',
    () =>
      withCluster(async (cluster) => {
        const [one, two] = cluster.nodes;
        const client = await CClient.connect(one!.address);
        const other = await CClient.connect(two!.address);
        try {
          await client.run('create /c', /\[\/c\]: rc = 0\n\tname = \/c\n/);
          await client.run('create +e /c/e', /\[\/c\/e\]: rc = 0\n\tname = \/c\/e\n/);
          await client.run('create +s /c/s-', /name = \/c\/s-0000000001\n/);
          await client.run('set /c world', /\/c: rc = 0 Stat:\n[^]*?\tversion=1\taversion=0\n/);
          await other.run('sync /c', /\[\/c\]: rc = 0/);
          await other.run('get /c', /\/c: rc = 0\n value_len = 5\nworld\nStat:\n/);
          await other.run('ls2 /c', /\/c: rc = 0\n(\t(e|s-0000000001)\n){2}/);
          await other.run('wexists /later', /Error -101 for \/later\n/);
          await client.run('delete /c/e', /\/c\/e: rc = 0\n/);
          await other.expect(/CHILD_EVENT state = CONNECTED_STATE for path \/c\n/);
          await client.run('create /later', /name = \/later\n/);
          await other.expect(/CREATED_EVENT state = CONNECTED_STATE for path \/later\n/);
          await client.run('delete /c', /\/c: rc = -111\n/);
          await client.run('create /c', /\[\/c\]: rc = -110\n/);
          await client.run('delete /missing', /\/missing: rc = -101\n/);
          await client.run('addauth nonsense me', /AUTH_FAILED_STATE\n/);
          expect(await other.quit()).toBe(0);
        } finally {
          await Promise.all([client.kill(), other.kill()]);
        }
      }),
    TEST_TIMEOUT_MS,
  );
});
