import type { Member } from '@bellwether/cluster';
import type { NodeId } from '@bellwether/raft';
import type { SimulatedNode, SimulatedProcess } from '../node/simulated-node.ts';
import { memberAt } from '../settings.ts';
import type { Fault, Victim } from './cluster.ts';
import { pickRunning, runningNodes } from './cluster.ts';

const RETRY_MS = 50;

/** Asks through `process`, as an operator would, for other members than there are now. */
function change(
  { world }: Victim,
  process: SimulatedProcess,
  voters: readonly NodeId[],
  learners: readonly NodeId[] = [],
): boolean {
  const current = process.driver.membership.members;
  if (current === undefined) return false;
  const member = (role: Member['role']) => (id: NodeId) => ({
    ...memberAt(id),
    ...{ role, priority: 1, note: '' },
  });
  const members = [...voters.map(member('voter')), ...learners.map(member('learner'))];
  const names = `voters ${voters.join(' ')} learners ${learners.join(' ')}`;
  world.note(`${process.id.nodeId} is asked for other members: ${names}`);
  process.service.run(() => process.host.changeMembers({ ifVersion: current.version, members }));
  return true;
}

/** Some nodes vote, some learn, some have no part any more. */
const membership: Fault = {
  name: 'membership',
  weight: 1.5,
  strike: (victim) => {
    const node = pickRunning(victim);
    return node !== undefined && changeMembersAtRandom(victim, node);
  },
};

/** Asks through the node that these vote and nobody learns. */
export function changeMembers(
  victim: Victim,
  { process }: SimulatedNode,
  voters: readonly NodeId[],
): boolean {
  return process !== undefined && change(victim, process, voters);
}

/** Asks through the node that some vote, some learn, and the others leave. */
export function changeMembersAtRandom(victim: Victim, { process }: SimulatedNode): boolean {
  if (process === undefined) return false;
  const { random, network } = victim;
  const ids = random.shuffled(network.nodeIds);
  const voters = random.between(1, ids.length);
  const learners = random.between(0, ids.length - voters);
  return change(victim, process, ids.slice(0, voters), ids.slice(voters, voters + learners));
}

export const MEMBERSHIP_FAULTS: readonly Fault[] = [membership];

/** Asks whoever leads, again and again, to let all nodes vote: the one asked may lead no more. */
export function restoreMembership(victim: Victim): void {
  const { world, network } = victim;
  for (const { process } of runningNodes(victim)) {
    if (process?.driver.core.role !== 'leader') continue;
    const members = process.driver.membership.members?.members ?? [];
    const voters = members.filter(({ role }) => role === 'voter');
    if (voters.length !== network.nodeIds.length) change(victim, process, network.nodeIds);
  }
  world.after(RETRY_MS, () => restoreMembership(victim));
}
