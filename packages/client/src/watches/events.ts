/** What a watch tells about a znode. */
export type ZnodeEventType = 'created' | 'deleted' | 'dataChanged' | 'childrenChanged';

/** A change of a znode. */
export interface ZnodeEvent {
  readonly type: ZnodeEventType;
  /** Which znode: below the watched one, when the watch is recursive. */
  readonly path: string;
}

/** A persistent watch may have missed something, and is in force again: read again what it is about. */
export interface GapEvent {
  readonly type: 'gap';
  /** The watched path. */
  readonly path: string;
}

/** What a persistent watch yields. */
export type WatchEvent = ZnodeEvent | GapEvent;

/** The watch ended without having seen anything. */
export interface WatchEndEvent {
  /**
   * `lost`: the session is gone, and its watches with it. `removed`: the server took the watch away.
   * `closed`: the client was closed.
   */
  readonly type: 'lost' | 'removed' | 'closed';
  /** The watched path. */
  readonly path: string;
}

/** What a one-shot watch is called with, once. */
export type OneShotEvent = ZnodeEvent | WatchEndEvent;

/** Of a one-shot watch: called once, at the latest when the client is closed. */
export type OnWatch = (event: OneShotEvent) => void;
