/*
 * What clients of a cluster asked, and what they were told, in a form that knows neither the simulator
 * nor any client: histories of real processes are judged by the same code.
 */

/** done: answered, perhaps with an error. failed: it never happened. indeterminate: nobody knows. */
export type Outcome = 'done' | 'failed' | 'indeterminate';

interface Recorded {
  /** Who asked. A client asks for one thing after the other, and may have many sessions in turn. */
  readonly client: number;
  /** Its session then. */
  readonly session: number;
  /** When it was asked, and when it was answered or given up, on one clock for all clients. */
  readonly invokedMs: number;
  readonly endedMs: number;
}

/** One part of a write; most writes have one, a multi has several. */
export interface Change {
  readonly action: 'create' | 'set' | 'delete';
  /** As it was asked for: of a sequential znode without its number. */
  readonly path: string;
  /** Unique in the whole history, but for the parts of one multi; '' of a delete. */
  readonly value: string;
  /** -1: whatever it is. */
  readonly expectedVersion: number;
  readonly kind: 'persistent' | 'ephemeral' | 'sequential';
  /** What it made, when it is known: the znode's path, and its version. */
  readonly made?: { readonly path: string; readonly version: number };
}

export interface WriteRecord extends Recorded {
  readonly type: 'write';
  readonly changes: readonly Change[];
  readonly outcome: Outcome;
  /** ZooKeeper's error code of what is done: 0 when it was applied. */
  readonly error: number;
  /** Of the reply: of what was applied, the transaction's own; 0 when there is none. */
  readonly zxid: number;
}

/** A znode as a reply showed it. */
export interface SeenZnode {
  /** undefined where a reply does not tell, as that of exists. */
  readonly value: string | undefined;
  readonly version: number;
  readonly czxid: number;
  readonly mzxid: number;
  /** Session of an ephemeral, 0 otherwise. */
  readonly owner: number;
}

export interface ReadRecord extends Recorded {
  readonly type: 'read';
  readonly path: string;
  /** linearizable: behind a sync, asked for when that was. */
  readonly guarantee: 'sequential' | 'linearizable';
  /** State of the server that answered. */
  readonly zxid: number;
  /** undefined: it is not there, or only its children were asked for. */
  readonly seen: SeenZnode | undefined;
  /** Names, when they were asked for. */
  readonly children: readonly string[] | undefined;
  /** What kind of watch it left. */
  readonly watch: 'none' | 'data' | 'children';
}

export interface EventRecord extends Recorded {
  readonly type: 'event';
  readonly path: string;
  readonly watch: 'data' | 'children';
}

/** closed: by its client, and answered. lost: its client was told that it is over. */
export interface SessionRecord extends Recorded {
  readonly type: 'session';
  readonly what: 'opened' | 'resumed' | 'closed' | 'lost';
  /** Of the reply; 0 when there is none. */
  readonly zxid: number;
}

/** In the order in which each client received them. */
export type HistoryRecord = WriteRecord | ReadRecord | EventRecord | SessionRecord;

/** A history that no correct cluster can have shown. */
export class OracleError extends Error {
  readonly promise: ClientPromise;

  constructor(promise: ClientPromise, what: string) {
    super(what);
    this.name = 'OracleError';
    this.promise = promise;
  }
}

/** What is promised to clients. */
export const PROMISES = [
  'clientOrder',
  'oneHistory',
  'appliedOnce',
  'refusedIsUndone',
  'readsSeeTheirState',
  'realTimeOrder',
  'linearizable',
  'sequences',
  'ephemerals',
  'watches',
] as const;
export type ClientPromise = (typeof PROMISES)[number];
