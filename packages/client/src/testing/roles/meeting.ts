import { Barrier, DoubleBarrier } from '../../recipes/index.ts';
import { pause } from '../../recipes/support/persist.ts';
import type { Role, Stage } from './role.ts';

/** A barrier that the first client raises and lifts; a double one for each pair of clients. */
export function meetingRoles(stage: Stage): readonly Role[] {
  const { client, index, clients, judge, random, signal } = stage;
  const barrier = new Barrier(client, '/barrier');
  const raise = async (): Promise<void> => {
    await barrier.raise();
    await judge.barrier('raised');
    await pause(client, signal, random() * 200);
    await judge.barrier('lifting');
    await barrier.lift();
  };
  const pass = async (): Promise<void> => {
    const lookedAt = await judge.look();
    await barrier.wait({ signal, timeoutMs: 30_000 });
    await judge.passed(lookedAt);
  };
  const roles: Role[] = [
    { name: index === 0 ? 'Barrier, raise' : 'Barrier, wait', step: index === 0 ? raise : pass },
  ];
  const hasPartner = (index ^ 1) < clients;
  if (!hasPartner) return roles;
  const meet = async (): Promise<void> => {
    const both = new DoubleBarrier(client, `/double-${index >> 1}`, 2);
    await both.enter({ signal, timeoutMs: 10_000 });
    await pause(client, signal, random() * 20);
    await both.leave({ signal, timeoutMs: 10_000 });
  };
  return [...roles, { name: 'DoubleBarrier', step: meet }];
}
