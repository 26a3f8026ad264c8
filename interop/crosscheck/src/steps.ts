/*
 * What a run does, as plain data: it can be printed, written to a file and replayed. Nothing in it
 * depends on what a server has answered, except by reference.
 */

/** The content of a znode: a text, none at all, or so many bytes. */
export type Data = string | null | { readonly bytes: number };

/** A path as it is sent, or the so-many-th last one that was created with a number. */
export type Path = string | null | { readonly numbered: number };

/** An entry of an ACL as it is sent: either name may be null. */
export interface AskedAcl {
  readonly perms: number;
  readonly scheme: string | null;
  readonly id: string | null;
}

/** null is sent as a list of length -1. */
export type Acls = readonly AskedAcl[] | null;

/** create and its relatives; `ttlMs` is sent by createTTL alone. */
export interface CreateStep {
  readonly op: 'create' | 'create2' | 'createContainer' | 'createTTL';
  readonly path: Path;
  readonly data: Data;
  readonly acls: Acls;
  readonly flags: number;
  readonly ttlMs?: number;
}

/** A path and an expected version. */
export interface VersionedStep {
  readonly op: 'delete' | 'check';
  readonly path: Path;
  readonly version: number;
}

/** A new content. */
export interface SetDataStep {
  readonly op: 'setData';
  readonly path: Path;
  readonly data: Data;
  readonly version: number;
}

/** A read that may leave a watch. */
export interface WatchedStep {
  readonly op: 'exists' | 'getData' | 'getChildren' | 'getChildren2';
  readonly path: Path;
  readonly watch: boolean;
}

/** What a multi consists of: also what may not be in one. */
export type PartStep = CreateStep | VersionedStep | SetDataStep | WatchedStep;

/** The watches that a client has had, `back` changes ago; a negative `back` means zxid 0. */
export interface SetWatchesStep {
  readonly op: 'setWatches' | 'setWatches2';
  readonly back: number;
  readonly data: readonly string[];
  readonly exist: readonly string[];
  readonly child: readonly string[];
  /** Sent by setWatches2 alone, like the next one. */
  readonly persistent: readonly string[];
  readonly recursive: readonly string[];
}

/** Other members: those that join and leave, or all of them. */
export interface ReconfigStep {
  readonly op: 'reconfig';
  readonly joining: string | null;
  readonly leaving: string | null;
  readonly members: string | null;
  /** Of the configuration that is changed; -1: whichever there is. */
  readonly version: number;
}

/** How the bytes behind a request's header are spoilt. */
export type Damage =
  | { readonly kind: 'cut'; readonly bytes: number }
  | { readonly kind: 'flip'; readonly at: number; readonly mask: number }
  | { readonly kind: 'extend'; readonly hex: string };

/** One request of a session. */
export type Request =
  | PartStep
  | SetWatchesStep
  | ReconfigStep
  | {
      readonly op: 'getACL' | 'sync' | 'getAllChildrenNumber' | 'getEphemerals';
      readonly path: Path;
    }
  | { readonly op: 'setACL'; readonly path: Path; readonly acls: Acls; readonly version: number }
  | { readonly op: 'multi' | 'multiRead'; readonly parts: readonly PartStep[] }
  | { readonly op: 'auth'; readonly scheme: string | null; readonly auth: Data }
  | { readonly op: 'addWatch'; readonly path: Path; readonly mode: number }
  | { readonly op: 'checkWatches' | 'removeWatches'; readonly path: Path; readonly type: number }
  | { readonly op: 'ping' | 'closeSession' | 'whoAmI' }
  /** Any op code with any bytes behind it. */
  | { readonly op: 'other'; readonly opCode: number; readonly hex: string }
  | { readonly op: 'damaged'; readonly request: Request; readonly damage: Damage }
  /** Under a number that is not the next one. */
  | { readonly op: 'withXid'; readonly request: Request; readonly xid: number }
  /** A whole frame, its header included. */
  | { readonly op: 'frame'; readonly hex: string }
  /** A frame's length, without the frame. */
  | { readonly op: 'length'; readonly length: number };

/** What a client asks for when it connects. */
export interface Greeting {
  /** new: no session; own: the one that it has had; the others are refused. */
  readonly credentials:
    'new' | 'own' | 'wrongPassword' | 'shortPassword' | 'noPassword' | 'unknownSession';
  readonly timeoutMs: number;
  /** short: that of clients before 3.4, without the read-only flag. */
  readonly form: 'long' | 'short';
  /** The last zxid that it says to have seen. */
  readonly lastZxid: 'own' | 'zero' | 'future';
  /** Whether a server without a quorum would do. */
  readonly readOnly?: boolean;
  /** So many bytes of the request are not sent. */
  readonly cutBytes?: number;
}

/** One step of one session; a session that is not connected connects first. */
export type Step = { readonly session: number } & (
  | { readonly kind: 'request'; readonly request: Request }
  /** Sent at once, without waiting for each other's answers. */
  | { readonly kind: 'pipeline'; readonly requests: readonly Request[] }
  /** The connection is cut; the session stays. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'connect'; readonly server: number; readonly greeting: Greeting }
  /** The session goes to another server; then this is asked through the connection that it had. */
  | { readonly kind: 'move'; readonly server: number; readonly request: Request }
  /** Nothing is done until this znode is gone in both systems. */
  | { readonly kind: 'untilGone'; readonly path: string }
);

/** How most clients connect for the first time. */
export function newSession(timeoutMs: number): Greeting {
  return { credentials: 'new', timeoutMs, form: 'long', lastZxid: 'own' };
}

/** How a client comes back after it has lost its connection. */
export function ownSession(timeoutMs: number): Greeting {
  return { credentials: 'own', timeoutMs, form: 'long', lastZxid: 'own' };
}

const CHANGING: ReadonlySet<string> = new Set([
  'create',
  'create2',
  'createContainer',
  'createTTL',
  'delete',
  'setData',
  'setACL',
  'multi',
  'reconfig',
  'closeSession',
  'other',
  'frame',
]);

/** Whether others may see something of the request. */
export function mayChange(request: Request): boolean {
  return 'request' in request ? mayChange(request.request) : CHANGING.has(request.op);
}

/** Whether the server may close the connection for it. */
export function mayClose(request: Request): boolean {
  if (request.op === 'withXid') return mayClose(request.request);
  return ['other', 'damaged', 'frame', 'length', 'auth', 'check'].includes(request.op);
}
