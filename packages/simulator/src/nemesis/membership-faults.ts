import type { Membership, NodeId } from '@bellwether/raft';
import type { SimulatedProcess } from '../node/simulated-node.ts';
import type { Fault, Victim } from './cluster.ts';
import { runningNodes } from './cluster.ts';

const RETRY_MS = 50;

function leaderOf(victim: Victim): SimulatedProcess | undefined {
  const leads = runningNodes(victim).filter((node) => node.process?.driver.core.role === 'leader');
  return leads.length === 0 ? undefined : victim.random.pick(leads).process;
}

function change(victim: Victim, voters: readonly NodeId[], learners: readonly NodeId[]): boolean {
  const process = leaderOf(victim);
  if (process === undefined) return false;
  victim.world.note(
    `${process.id.nodeId} changes membership: voters ${voters.join(' ')} learners ${learners.join(' ')}`,
  );
  process.consensus.run(() => {
    process.driver.core.changeMembership({ voters, learners });
    process.driver.tick();
  });
  return true;
}

/** Some nodes vote, some learn, some have no part any more. */
const membership: Fault = {
  name: 'membership',
  weight: 1.5,
  strike: (victim) => {
    const { random, network } = victim;
    const ids = random.shuffled(network.nodeIds);
    const voters = random.between(1, ids.length);
    const learners = random.between(0, ids.length - voters);
    return change(victim, ids.slice(0, voters), ids.slice(voters, voters + learners));
  },
};

export const MEMBERSHIP_FAULTS: readonly Fault[] = [membership];

/** Asks whoever leads, again and again, to let all nodes vote: the one asked may lead no more. */
export function restoreMembership(victim: Victim): void {
  const { world, network } = victim;
  const current = leaderOf(victim)?.driver.core.membership;
  if (current !== undefined && !isWhole(current, network.nodeIds)) {
    change(victim, network.nodeIds, []);
  }
  world.after(RETRY_MS, () => restoreMembership(victim));
}

function isWhole({ voters, votersOutgoing }: Membership, nodeIds: readonly NodeId[]): boolean {
  return votersOutgoing.length === 0 && voters.length === nodeIds.length;
}
