import type { LogIndex, Membership, NodeId } from '@bellwether/raft';
import { Violation } from './violation.ts';

const sameIds = (a: readonly NodeId[], b: readonly NodeId[]): boolean => a.join() === b.join();

/**
 * "The cluster first switches to a transitional configuration we call joint consensus" (Raft section 6):
 * in every log a membership that decides alone is followed by one in which its voters decide too, and that by
 * its own new half alone. So no two majorities can decide without each other, whatever is changed.
 */
export function checkMembershipStep(
  nodeId: NodeId,
  index: LogIndex,
  before: Membership,
  after: Membership,
): void {
  const isLegal =
    before.votersOutgoing.length > 0
      ? after.votersOutgoing.length === 0 && sameIds(after.voters, before.voters)
      : sameIds(after.votersOutgoing, before.voters);
  if (isLegal) return;
  const what = `${textOf(after)} at ${index}, right behind ${textOf(before)}`;
  throw new Violation('jointChanges', `node ${nodeId}'s log has voters ${what}`);
}

const textOf = ({ voters, votersOutgoing }: Membership): string =>
  votersOutgoing.length === 0 ? voters.join() : `${voters.join()} with ${votersOutgoing.join()}`;
