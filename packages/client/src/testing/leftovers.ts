import type { Client } from '../client.ts';
import { isClientError } from '../errors.ts';
import { PriorityQueue, Queue } from '../recipes/index.ts';
import type { LocalJudge } from './judge.ts';

/** Under these, whatever a recipe makes for a client goes with it. */
const EMPTY_IN_THE_END = [
  '/lock',
  '/lock-of-curator',
  '/read-write',
  '/election',
  '/semaphore/leases',
  '/semaphore/locks',
  '/group',
  '/services/web',
  '/ephemerals',
  '/queue/taken',
  '/queue/waiting',
  '/priorities/taken',
  '/priorities/waiting',
];

/** Empties the queues and holds what was counted against what is there; returns what is wrong. */
export async function judgeTheEnd(client: Client, judge: LocalJudge): Promise<readonly string[]> {
  await client.sync();
  const wrong: (string | undefined)[] = [];
  for (const counter of ['counter', 'value']) {
    const { data } = await client.getData(`/${counter}`);
    wrong.push(judge.ledger.judgeCount(counter, Number(data.toString())));
  }
  for (const queue of [new Queue(client, '/queue'), new PriorityQueue(client, '/priorities')]) {
    for (let item = await queue.tryTake(); item !== undefined; item = await queue.tryTake()) {
      await item.complete();
      await judge.complete(item.data.toString(), 'done');
    }
  }
  wrong.push(...judge.ledger.judgeItems(), ...judge.referee.violations);
  return wrong.filter((what) => what !== undefined);
}

/** Znodes that nobody took away. */
export async function findLeftovers(client: Client): Promise<readonly string[]> {
  await client.sync();
  const found: string[] = [];
  for (const path of EMPTY_IN_THE_END) {
    try {
      const { children } = await client.getChildren(path);
      found.push(...children.map((name) => `${path}/${name} is left`));
    } catch (error) {
      if (!isClientError(error, 'noNode')) throw error;
    }
  }
  return found;
}
