import type { EventQueue } from './event-queue.ts';
import type { QuotaExceeded } from './quotas.ts';
import { RequestIdentities } from './request-identities.ts';
import type { Tree } from './tree.ts';
import type { Znode } from './znode.ts';

/** What an operation works with; one object, filled anew for every command. */
export class ApplyContext {
  readonly tree: Tree;
  readonly events: EventQueue;
  readonly identities = new RequestIdentities();
  /** The command's log index. */
  zxid = 0;
  timeMs = 0;
  sessionId = 0;
  /** Whether a hard limit of a quota stops the operation. */
  isQuotaEnforced = false;
  /** The znode that the operation created or changed. */
  result: Znode | undefined = undefined;

  readonly onQuotaExceeded: (exceeded: QuotaExceeded) => void;

  constructor(tree: Tree, events: EventQueue, onQuotaExceeded: (exceeded: QuotaExceeded) => void) {
    this.tree = tree;
    this.events = events;
    this.onQuotaExceeded = onQuotaExceeded;
  }
}

/** The version behind `version`, in 32 bits. -1 is left out, since it means "any" in requests. */
export function nextVersion(version: number): number {
  const next = (version + 1) | 0;
  return next === -1 ? 0 : next;
}
