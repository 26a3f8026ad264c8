import type { WatchEventType } from '@bellwether/protocol';
import type { AclList } from './acl-table.ts';
import type { WatchTable } from './watch-table.ts';

/**
 * The events of one command, kept until it is known to have succeeded: a multi that fails fires
 * nothing. Nothing is kept while nobody watches.
 */
export class EventQueue {
  private readonly watches: WatchTable;
  private readonly types: WatchEventType[] = [];
  private readonly paths: string[] = [];
  private readonly acls: AclList[] = [];

  constructor(watches: WatchTable) {
    this.watches = watches;
  }

  push(type: WatchEventType, path: string, acl: AclList): void {
    if (this.watches.isEmpty) return;
    this.types.push(type);
    this.paths.push(path);
    this.acls.push(acl);
  }

  /** Fires them in the order in which they happened. */
  fire(zxid: number): void {
    if (this.types.length === 0) return;
    for (let i = 0; i < this.types.length; i++) {
      this.watches.fire(this.types[i]!, this.paths[i]!, this.acls[i]!, zxid);
    }
    this.clear();
  }

  clear(): void {
    this.types.length = 0;
    this.paths.length = 0;
    this.acls.length = 0;
  }
}
