import { type Mutant, type Patch, patch } from './mutant.ts';

/** A bug that clients of the whole node are to notice. */
export function bug(name: string, what: string, seedsMax: number, ...patches: Patch[]): Mutant {
  return { name, what, patches, seedsMax, application: 'zookeeper' };
}

/** Bugs of sessions, znodes and watches, as clients of ZooKeeper's protocol see them. */
export const SESSION_MUTANTS: readonly Mutant[] = [
  bug(
    'ephemeral-survives',
    'one of the ephemerals of a session stays when the session ends',
    20,
    patch(
      'coordination/src/operations/sessions.ts',
      'for (const znode of owned) removeZnode(',
      'for (const znode of owned.slice(1)) removeZnode(',
    ),
  ),
  bug(
    'watch-not-fired',
    'no watch fires when the data of a znode changes',
    20,
    patch(
      'coordination/src/operations/set-data.ts',
      'context.events.push(WatchEventType.nodeDataChanged, znode.path, znode.acl);',
      'if (next < 0) context.events.push(WatchEventType.nodeDataChanged, znode.path, znode.acl);',
    ),
  ),
  bug(
    'watch-after-data',
    'watch events are sent with the next change, when clients have read what they announce',
    20,
    patch(
      'coordination/src/coordinator.ts',
      `    try {
      const outcome = this.applyCommand(payload, wanted);
      this.events.fire(index);
      return outcome;`,
      `    try {
      this.events.fire(index);
      return this.applyCommand(payload, wanted);`,
    ),
  ),
  bug(
    'sync-at-once',
    'sync is answered when the leader has, not when this node is as far',
    200,
    patch(
      'bellwether/src/server/reply-order.ts',
      'return readIndex > 0 && readIndex <= this.#coordinator.lastAppliedIndex;',
      'return readIndex > 0;',
    ),
  ),
];
