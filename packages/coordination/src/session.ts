import type { CloseCause } from './command.ts';

/** A session, the same on all nodes. */
export class Session {
  /** Log index of the command that created it. */
  readonly id: number;
  readonly passwd: Uint8Array;
  timeoutMs: number;
  /** The node to which its client is connected: requests through any other are refused. */
  owner: number;

  constructor(id: number, passwd: Uint8Array, timeoutMs: number, owner: number) {
    this.id = id;
    this.passwd = passwd;
    this.timeoutMs = timeoutMs;
    this.owner = owner;
  }
}

/** Told of every session that comes, moves or goes while commands are applied. */
export interface SessionListener {
  /** It was created. */
  onSessionCreated(session: Session): void;
  /**
   * Its client came back: `owner` and `timeoutMs` are new. `previousOwner` may be the same node,
   * with an older connection to be closed.
   */
  onSessionAttached(session: Session, previousOwner: number): void;
  /** It is gone, and its ephemerals with it. Watch events of those come before this call. */
  onSessionClosed(session: Session, cause: CloseCause): void;
}
