import { poll } from './poll.ts';
import { cliMt } from './requirements.ts';
import { ServerProcess } from './server-process.ts';

const ANSWER_DEADLINE_MS = 10_000;

/** ZooKeeper's shell on its C client. Commands run beside each other, so each waits for its answer. */
export class CClient {
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

  /** A command that says nothing when it is done. */
  send(command: string): void {
    this.#process.writeLine(command);
  }

  async run(command: string, answer: RegExp): Promise<void> {
    this.send(command);
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
