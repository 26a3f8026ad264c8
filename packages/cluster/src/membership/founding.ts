import type { Membership } from '@bellwether/raft';
import type { ConsensusMember } from '../thread/messages.ts';
import { encodeMembers } from './members-codec.ts';
import type { Member } from './members.ts';

/** A newcomer knows no members until the log tells it. */
const NOBODY: Membership = { voters: [], votersOutgoing: [], learners: [] };

/** A member with everything that its settings leave out. */
export function memberOf({ id, host, port, role, priority, note }: ConsensusMember): Member {
  return { id, host, port, role: role ?? 'voter', priority: priority ?? 1, note: note ?? '' };
}

/** The membership with which a cluster begins; that of a node that joins one is empty. */
export function foundingMembership(
  settings: readonly ConsensusMember[],
  start: 'founds' | 'joins',
): Membership {
  if (start === 'joins') return NOBODY;
  const members = settings.map(memberOf).sort((a, b) => a.id - b.id);
  const idsOf = (role: Member['role']): number[] =>
    members.filter((member) => member.role === role).map(({ id }) => id);
  const context = encodeMembers({ version: 0, timeMs: 0, changeId: '', members, leaving: [] });
  return { voters: idsOf('voter'), votersOutgoing: [], learners: idsOf('learner'), context };
}
