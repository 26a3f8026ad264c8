import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Judge } from '../../src/testing/judge.ts';
import type { FromWorker, Question, ToWorker } from './messages.ts';

const PROGRAM = fileURLToPath(new URL('./worker.js', import.meta.url));
const EXIT_MS_MAX = 10_000;

const living = new Set<ChildProcess>();
// A soak that ends early leaves no worker behind.
process.on('exit', () => living.forEach((child) => child.kill('SIGKILL')));

/** A process with clients, as the soak sees it. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #judge: Judge;
  readonly #answers = new Map<number, (result: unknown) => void>();
  #questions = 0;
  #onGone: (error: Error) => void = () => undefined;
  /** Rejects when the process ends before it was told to. */
  readonly gone: Promise<never>;

  constructor(judge: Judge) {
    this.#judge = judge;
    this.#child = fork(PROGRAM, { execArgv: ['--expose-gc', '--enable-source-maps'] });
    living.add(this.#child);
    this.gone = new Promise((_, reject) => (this.#onGone = reject));
    this.gone.catch(() => undefined);
    this.#child.on('message', (message: FromWorker) => void this.#onMessage(message));
    this.#child.once('exit', (code, signal) => {
      living.delete(this.#child);
      this.#onGone(new Error(`a worker ended with ${code ?? signal}`));
    });
  }

  /** Resolves with the answer. */
  ask<Answer>(question: Question): Promise<Answer> {
    const answered = new Promise<Answer>((resolve) => {
      const id = ++this.#questions;
      this.#answers.set(id, (result) => resolve(result as Answer));
      this.#send({ type: 'question', id, question });
    });
    return Promise.race([answered, this.gone]);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** Its clients are closed; false: something keeps the process alive all the same. */
  async close(): Promise<boolean> {
    const exit = once(this.#child, 'exit');
    await this.ask({ ask: 'close' }).catch(() => undefined);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), EXIT_MS_MAX);
    const [code] = (await exit) as [number | null];
    clearTimeout(timer);
    return code === 0;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #onMessage(message: FromWorker): Promise<void> {
    if (message.type === 'answer') {
      this.#answers.get(message.id)?.(message.result);
      this.#answers.delete(message.id);
      return;
    }
    const { id, method, args } = message;
    const call = this.#judge[method].bind(this.#judge) as (...all: unknown[]) => Promise<unknown>;
    this.#send({ type: 'judged', id, result: await call(...args) });
  }

  #send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message);
  }
}
