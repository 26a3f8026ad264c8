import type { Claim } from '../referee.ts';
import type { Resource } from '../judge.ts';
import { LeaderElection, Lock, ReadWriteLock, Semaphore, type Hold } from '../../recipes/index.ts';
import { pause } from '../../recipes/support/persist.ts';
import { patience, type Role, type Stage } from './role.ts';

/** Now and then something is held for so long that a fault comes in between. */
const LONG_WORK_MS_MAX = 3_000;
const LONG_WORK_SHARE = 0.03;

/** Works with what it holds, and tells the judge again and again that it still does. */
async function work(
  stage: Stage,
  resource: Resource,
  hold: Hold,
  mode: Claim['mode'] = 'exclusive',
): Promise<void> {
  const { client, judge, random, index } = stage;
  const isLong = random() < LONG_WORK_SHARE;
  const untilMs = client.runtime.nowMs() + random() * (isLong ? LONG_WORK_MS_MAX : 20);
  const holder = `client ${index}`;
  try {
    do {
      const lookedAt = await judge.look();
      // Whatever happens to this process here, the judge has to be able to tell.
      if (!hold.isHeld) return;
      const token = hold.fencingToken;
      await judge.claim({ resource, holder, token, mode, lookedAt });
      await pause(client, hold.signal, 5);
    } while (client.runtime.nowMs() < untilMs);
  } finally {
    await judge.leave(resource, hold.fencingToken);
    await hold.release({ timeoutMs: 60_000 });
  }
}

/** Locks of every kind, and elections. */
export function holdingRoles(stage: Stage): readonly Role[] {
  const { client, index, random } = stage;
  const id = `client ${index}`;
  const whenSuspended = index % 3 === 0 ? 'holdOn' : 'stop';
  const lock = new Lock(client, '/lock', { id, whenSuspended });
  const curators = new Lock(client, '/lock-of-curator', { id, whenSuspended, layout: 'curator' });
  const readWrite = new ReadWriteLock(client, '/read-write', { id, whenSuspended });
  const election = new LeaderElection(client, '/election', { id, whenSuspended });
  const semaphore = new Semaphore(client, '/semaphore', 3, { id, whenSuspended });
  return [
    {
      name: 'Lock',
      step: async () => work(stage, 'lock', await lock.acquire(patience(stage))),
    },
    {
      name: 'Lock (curator)',
      step: async () => {
        const hold =
          random() < 0.5
            ? await curators.tryAcquire(patience(stage))
            : await curators.acquire(patience(stage));
        if (hold !== undefined) await work(stage, 'lockOfCurator', hold);
      },
    },
    {
      name: 'ReadWriteLock',
      step: async () => {
        if (random() < 0.3) {
          const hold = await readWrite.acquireWrite(patience(stage));
          return work(stage, 'readWriteLock', hold);
        }
        const hold = await readWrite.acquireRead(patience(stage));
        return work(stage, 'readWriteLock', hold, 'shared');
      },
    },
    {
      name: 'LeaderElection',
      step: async () => work(stage, 'election', await election.campaign(patience(stage))),
    },
    {
      name: 'Semaphore',
      step: async () => work(stage, 'semaphore', await semaphore.acquire(patience(stage))),
    },
  ];
}
