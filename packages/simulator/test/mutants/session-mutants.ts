import { type Mutant, type Patch, patch } from './mutant.ts';

/** A bug that clients of the whole node are to notice. */
function bug(name: string, what: string, seedsMax: number, ...patches: Patch[]): Mutant {
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
  bug(
    'multi-half-done',
    'a multi that fails leaves behind what came before the failure',
    20,
    patch(
      'coordination/src/operations/multi.ts',
      'context.tree.rollback();',
      'context.tree.commit();',
    ),
  ),
  bug(
    'sequence-used-again',
    'sequence numbers count the children that are there, not those that ever were',
    20,
    patch(
      'coordination/src/operations/create.ts',
      'String(parent.childrenCreated).padStart',
      'String(parent.numChildren).padStart',
    ),
  ),
  bug(
    'moved-session-writes',
    'a request that was under way when its client went elsewhere is executed',
    100,
    patch(
      'coordination/src/operations/request.ts',
      'if (session.owner !== owner) return failed(ErrorCode.sessionMoved);',
      'if (session.owner !== owner && owner < 0) return failed(ErrorCode.sessionMoved);',
    ),
  ),
  bug(
    'stale-expiry',
    'an expiry that an earlier leader decided ends a session of which the next one has heard',
    200,
    patch(
      'bellwether/src/server/expiry-command.ts',
      'return expiry.term === term ? payload.subarray(0, CLOSE_SESSION_BYTES) : undefined;',
      'return expiry.term <= term ? payload.subarray(0, CLOSE_SESSION_BYTES) : undefined;',
    ),
  ),
  bug(
    'expired-by-follower',
    'followers judge sessions by their own clocks, though clients are heard by others',
    40,
    patch(
      'bellwether/src/server/session-upkeep.ts',
      "const isLeading = leadership.role === 'leader' && leadership.isServing;",
      'const isLeading = leadership.isServing;',
    ),
  ),
  bug(
    'expired-too-early',
    'a session that was heard of is given four fifths of its timeout',
    100,
    patch(
      'coordination/src/session-tracker.ts',
      'tracked.deadlineMs = this.after(sinceAdvanceMs) + tracked.timeoutMs;',
      'tracked.deadlineMs = this.after(sinceAdvanceMs) + tracked.timeoutMs * 0.8;',
    ),
  ),
  bug(
    'heard-at-last-tick',
    'what a leader is told of a session counts from when it last looked at its clock',
    400,
    patch(
      'bellwether/src/server/session-upkeep.ts',
      'this.#tracker.touch(sessionId, sinceTickMs);',
      'this.#tracker.touch(sessionId, sinceTickMs * 0);',
    ),
  ),
  bug(
    'touches-not-told',
    'every second report of a follower on who was heard is lost',
    100,
    patch(
      'bellwether/src/server/session-upkeep.ts',
      'consensus.sendToLeader(new Uint8Array(bytes));',
      'if ((this.#dropped = !this.#dropped)) consensus.sendToLeader(new Uint8Array(bytes));',
    ),
    patch(
      'bellwether/src/server/session-upkeep.ts',
      '  #hasLeader = false;',
      '  #hasLeader = false;\n  #dropped = false;',
    ),
  ),
  bug(
    'snapshot-not-exact',
    'a snapshot holds znodes as they are when their turn comes, not as they were at its index',
    60,
    patch(
      'coordination/src/snapshot-writer.ts',
      'if (znode.snapshotNumber !== this.number) this.write(znode);',
      'if (znode.snapshotNumber > this.number) this.write(znode);',
    ),
  ),
];
