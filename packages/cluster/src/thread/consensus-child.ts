import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { LIMITS } from '../limits.ts';

/** Where that process finds its end of the channel. */
export const SERVICE_FD = 3;

/**
 * V8's settings for it. What runs only when a leader is lost would be compiled in that very moment, and
 * again the next time, because V8 throws away code that has not run for long: so it compiles all code at once, and
 * keeps it. Its heap is let grow for a while before it is collected as a whole (see WorkerChannel). What is young
 * is collected by one thread: little of it survives, and to have others help takes longer than to do it.
 */
const SETTINGS: readonly string[] = [
  '--no-lazy',
  '--no-flush-bytecode',
  '--no-parallel-scavenge',
  `--initial-old-space-size=${LIMITS.consensusHeapMibMin}`,
];

/** The process that has a node's consensus (see consensus-process.ts), as its service sees it. */
export class ConsensusChild {
  readonly #child: ChildProcess;
  #ending: string | undefined;

  /** Starts it. It ends by itself when this process does, and takes no notice of SIGINT and SIGTERM. */
  constructor() {
    const script = fileURLToPath(new URL('./consensus-process.js', import.meta.url));
    this.#child = spawn(process.execPath, [...SETTINGS, script], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    this.#child.on('error', (error) => (this.#ending ??= `could not be started: ${error.message}`));
    this.#child.on('exit', (code, signal) => {
      this.#ending ??= signal === null ? `ended with code ${code}` : `was killed by ${signal}`;
    });
  }

  /** To it; undefined when it could not be started. */
  get stream(): Socket | undefined {
    return (this.#child.stdio as ChildProcess['stdio'] | undefined)?.[SERVICE_FD] as unknown as
      Socket | undefined;
  }

  /** How it ended, once that is known: "was killed by SIGKILL". */
  get ending(): string | undefined {
    return this.#ending;
  }
}
