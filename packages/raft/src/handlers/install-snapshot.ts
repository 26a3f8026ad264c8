import { isWellFormed } from '../membership.ts';
import type { InstallSnapshot } from '../messages.ts';
import type { RaftState } from '../raft-state.ts';
import { acceptLeader } from './leader-contact.ts';

/** A snapshot of the leader's is durable here; the log restarts behind it (Raft section 7). */
export function handleInstallSnapshot(state: RaftState, message: InstallSnapshot): void {
  const { snapshot } = message;
  if (snapshot.term > message.term || !isWellFormed(snapshot.membership)) return;
  if (!acceptLeader(state, message.from)) return;
  const { log, memberships } = state;
  if (snapshot.index > log.commitIndex) {
    if (log.has(snapshot)) {
      // The log has it all: nothing to restore, only to know that it is committed.
      log.commitTo(snapshot.index);
    } else {
      log.restart(snapshot);
      memberships.restart(snapshot.index, snapshot.membership);
    }
  }
  state.outbox.acknowledge(state.id, message.from, state.term, log.commitIndex);
}
