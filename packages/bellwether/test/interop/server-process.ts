import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const OUTPUT_CHARACTERS_MAX = 200_000;
const living = new Set<ChildProcess>();

// A test run that ends early leaves no server behind.
process.on('exit', () => living.forEach((child) => child.kill('SIGKILL')));

/** A child process whose lines of output can be waited for, and are there when a test fails. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  readonly #ended: Promise<void>;
  #output = '';

  constructor(command: readonly [string, ...string[]], environment: NodeJS.ProcessEnv = {}) {
    const [program, ...args] = command;
    this.#child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    living.add(this.#child);
    this.#ended = this.#watchEnd();
    this.#child.stdin?.on('error', () => {});
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#append(text));
    }
  }

  /** Undefined when the program could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return living.has(this.#child);
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Standard output and error, as they came. */
  get output(): string {
    return this.#output;
  }

  writeLine(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Resolves with the match once the output has it; rejects when the process ends without it. */
  async waitForOutput(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match !== null) return match;
      if (!this.isRunning) throw new Error(`ended without ${pattern}:\n${this.#output}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Sends the signal and resolves once the process is gone. No error when it was gone already. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<void> {
    if (this.isRunning) this.#child.kill(signal);
    await this.#ended;
  }

  /** Resolves once the process has ended by itself. */
  async waitForEnd(): Promise<void> {
    await this.#ended;
  }

  async #watchEnd(): Promise<void> {
    try {
      // 'close' rather than 'exit': by then all of the output has been read.
      await once(this.#child, 'close');
    } catch (error) {
      this.#append(`${(error as Error).message}\n`);
    }
    living.delete(this.#child);
    this.#wake();
  }

  #append(text: string): void {
    this.#output = (this.#output + text).slice(-OUTPUT_CHARACTERS_MAX);
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    waiting.forEach((resolve) => resolve());
  }
}
