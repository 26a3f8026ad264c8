import { askFourLetterWord, askMode, signalNode } from '@bellwether/testbed';
import { poll } from './poll.ts';
import { serverCommand } from './server-command.ts';
import { ServerProcess } from './server-process.ts';

const SERVING_DEADLINE_MS = 30_000;

/** What `dgst` says: equal digests at equal zxids mean equal trees. */
export interface TreeDigest {
  readonly zxid: string;
  readonly digest: string;
}

/** Where a node runs, when that is not simply this machine. */
export interface TestHost {
  readonly address: string;
  /** What to run so that `command` runs there. */
  commandOn(command: readonly [string, ...string[]]): readonly [string, ...string[]];
}

export const THIS_MACHINE: TestHost = { address: '127.0.0.1', commandOn: (command) => command };

/** One server of a test cluster, over all the processes that it has been. */
export class TestNode {
  readonly id: number;
  readonly clientPort: number;
  readonly #host: TestHost;
  readonly configFile: string;
  readonly #environment: NodeJS.ProcessEnv;
  #process: ServerProcess | undefined;
  #earlierOutput = '';

  /** `environment`: variables that its process has besides this one's. */
  constructor(
    id: number,
    clientPort: number,
    configFile: string,
    environment: NodeJS.ProcessEnv = {},
    host: TestHost = THIS_MACHINE,
  ) {
    this.id = id;
    this.clientPort = clientPort;
    this.configFile = configFile;
    this.#environment = environment;
    this.#host = host;
  }

  /** host:port for clients. */
  get address(): string {
    return `${this.#host.address}:${this.clientPort}`;
  }

  get isRunning(): boolean {
    return this.#process?.isRunning ?? false;
  }

  /** Of its newest process; null while that runs. */
  get exitCode(): number | null {
    return this.#process?.exitCode ?? null;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Everything the node has written, with a line between its lives. */
  get output(): string {
    return this.#earlierOutput + (this.#process?.output ?? '');
  }

  /** Starts the process; `waitUntilServing` says when it serves. */
  start(): void {
    if (this.isRunning) throw new Error(`node ${this.id} runs already`);
    if (this.#process !== undefined) this.#earlierOutput = `${this.output}\n--- restart ---\n`;
    this.#process = new ServerProcess(
      this.#host.commandOn(serverCommand(this.configFile)),
      this.#environment,
    );
  }

  /** kill -9 of all its processes; resolves once they are gone. */
  async kill(): Promise<void> {
    if (this.pid !== undefined && this.isRunning) signalNode(this.pid, 'SIGKILL');
    await this.#process?.end('SIGKILL');
  }

  /** SIGTERM; resolves once the process is gone. */
  async stop(): Promise<void> {
    await this.#process?.end('SIGTERM');
  }

  fourLetterWord(word: string): Promise<string | undefined> {
    return askFourLetterWord(this.address, word);
  }

  /** "leader" or "follower" as `srvr` has it; undefined while the node does not serve. */
  mode(): Promise<string | undefined> {
    return askMode(this.address);
  }

  /** The newest term in which it has seen a leader. */
  async term(): Promise<number> {
    const answer = (await this.fourLetterWord('fovr')) ?? '{"failovers":[]}';
    const { failovers } = JSON.parse(answer) as { readonly failovers: { newTerm: number }[] };
    return Math.max(0, ...failovers.map(({ newTerm }) => newTerm));
  }

  async treeDigest(): Promise<TreeDigest> {
    const answer = (await this.fourLetterWord('dgst')) ?? 'no answer';
    const zxid = /^zxid (\S+)/m.exec(answer)?.[1];
    const digest = /^digest (\S+)/m.exec(answer)?.[1];
    if (zxid !== undefined && digest !== undefined) return { zxid, digest };
    throw new Error(`node ${this.id} answered dgst with: ${answer}`);
  }

  /** Resolves with the mode once the node leads or follows; rejects when it ends instead. */
  async waitUntilServing(): Promise<string> {
    return poll(`node ${this.id} serves`, SERVING_DEADLINE_MS, async () => {
      if (!this.isRunning) throw new Error(`node ${this.id} ended:\n${this.output}`);
      return this.mode();
    });
  }
}
