import type { Judge } from '../../src/testing/judge.ts';

/** What a worker is started with. */
export interface WorkerOptions {
  readonly servers: string;
  /** Indexes of its clients. */
  readonly indexes: readonly number[];
  readonly clients: number;
  readonly sessionTimeoutMs: number;
  readonly pauseMs: number;
  readonly seed: number;
}

/** What a worker has, when it was asked to collect its garbage. */
export interface WorkerReport {
  readonly heapBytes: number;
  /** Sockets, timers and the like, by their kind. */
  readonly resources: Readonly<Record<string, number>>;
  readonly watches: number;
  readonly pendingRequests: number;
  readonly listeners: number;
  readonly sessions: number;
}

/** What the soak asks a worker. */
export type Question =
  | { readonly ask: 'play'; readonly options: WorkerOptions }
  | { readonly ask: 'cut' | 'heal'; readonly index: number }
  /** Steps by client and role. */
  | { readonly ask: 'progress' }
  | { readonly ask: 'problems' }
  | { readonly ask: 'settle'; readonly withinMs: number }
  | { readonly ask: 'report' }
  /** The roles end; the clients live on. */
  | { readonly ask: 'rest' }
  /** The clients are closed; then the process has to end by itself. */
  | { readonly ask: 'close' };

/** To a worker: a question, or what the judge says. */
export type ToWorker =
  | { readonly type: 'question'; readonly id: number; readonly question: Question }
  | { readonly type: 'judged'; readonly id: number; readonly result: unknown };

/** From a worker: an answer, or something for the judge. */
export type FromWorker =
  | { readonly type: 'answer'; readonly id: number; readonly result: unknown }
  | {
      readonly type: 'judge';
      readonly id: number;
      readonly method: keyof Judge;
      readonly args: readonly unknown[];
    };
