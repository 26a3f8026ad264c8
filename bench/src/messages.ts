import type { HistogramData } from './histogram.ts';
import type { Load } from './loads.ts';

/** One session that a client process opens. */
export interface SessionPlan {
  /** Number among all sessions of the load, from 0. */
  readonly id: number;
  /** host:port */
  readonly host: string;
}

/** From the benchmark to a client process. Each is answered by one message of the other kind. */
export type ToClient =
  | { readonly type: 'prepare'; readonly load: Load; readonly sessions: readonly SessionPlan[] }
  | { readonly type: 'start' }
  | { readonly type: 'stop' };

/** What one client process has counted between start and stop. */
export interface ClientResult {
  readonly type: 'result';
  readonly acknowledged: number;
  readonly errors: number;
  readonly elapsedMs: number;
  /** CPU time of the client process itself meanwhile. */
  readonly cpuUs: number;
  readonly histogram: HistogramData;
}

export type FromClient =
  | { readonly type: 'prepared' }
  | { readonly type: 'started' }
  | { readonly type: 'failed'; readonly reason: string }
  | ClientResult;
