import { WatchEventType } from '@bellwether/protocol';
import { assert } from '../assert.ts';
import type { EventQueue } from '../event-queue.ts';
import type { Tree } from '../tree.ts';
import type { Znode } from '../znode.ts';

/** Who the members are, as /zookeeper/config shows it. */
export interface Configuration {
  /** Index of the entry that was the first to say so. */
  readonly version: number;
  readonly timeMs: number;
  readonly data: Uint8Array;
}

const CONFIG_PATH = '/zookeeper/config';
/** What it is in ZooKeeper, however often the configuration is changed. */
const ZNODE_VERSION = -1;

export function configZnode(tree: Tree): Znode {
  const znode = tree.get(CONFIG_PATH);
  assert(znode !== undefined, 'the configuration is always there');
  return znode;
}

/** Several entries may say the same, one for each step towards it: only the first is a change. */
export function applyConfiguration(tree: Tree, events: EventQueue, next: Configuration): void {
  const znode = configZnode(tree);
  if (sameBytes(znode.data, next.data)) return;
  tree.setData(znode, next.data, ZNODE_VERSION, next.version, next.timeMs);
  events.push(WatchEventType.nodeDataChanged, znode.path, znode.acl);
}

function sameBytes(a: Uint8Array | null, b: Uint8Array): boolean {
  return a !== null && a.length === b.length && a.every((byte, at) => byte === b[at]);
}
