import { Counter, PriorityQueue, Queue, SharedValue } from '../../recipes/index.ts';
import { pause } from '../../recipes/support/persist.ts';
import { outcomeOf, patience, type Role, type Stage } from './role.ts';

type AnyQueue = Queue | PriorityQueue;

async function counted(
  { judge }: Stage,
  counter: string,
  add: () => Promise<unknown>,
): Promise<void> {
  try {
    await add();
    await judge.count(counter, 'done');
  } catch (error) {
    const outcome = outcomeOf(error);
    if (outcome !== undefined) await judge.count(counter, outcome);
    throw error;
  }
}

/** While there are more, nothing is put: each taker reads the names of all. */
const BACKLOG_MAX = 50;

async function put(
  { judge }: Stage,
  queue: AnyQueue,
  item: string,
  putting: () => Promise<void>,
): Promise<void> {
  if ((await queue.size({ timeoutMs: 10_000 })) > BACKLOG_MAX) return;
  try {
    await putting();
    await judge.put(item, 'done');
  } catch (error) {
    const outcome = outcomeOf(error);
    if (outcome !== undefined) await judge.put(item, outcome);
    throw error;
  }
}

/** Takes an item, and does it, or gives it back. */
async function take(stage: Stage, queue: AnyQueue): Promise<void> {
  const { client, judge, random } = stage;
  const item = await queue.take(patience(stage));
  if (random() < 0.1) return item.release({ timeoutMs: 60_000 });
  await pause(client, item.signal, random() * 5);
  try {
    await item.complete(random() < 0.05 ? { timeoutMs: random() * 20 } : {});
    await judge.complete(item.data.toString(), 'done');
  } catch (error) {
    const outcome = outcomeOf(error);
    if (outcome !== undefined) await judge.complete(item.data.toString(), outcome);
    await item.release({ timeoutMs: 60_000 });
    throw error;
  }
}

/** What is counted and queued may not be lost, nor happen twice. */
export function countingRoles(stage: Stage): readonly Role[] {
  const { client, index, random } = stage;
  const counter = new Counter(client, '/counter');
  const value = new SharedValue(client, '/value');
  const queue = new Queue(client, '/queue');
  const priorities = new PriorityQueue(client, '/priorities', { whenSuspended: 'holdOn' });
  let next = 0;
  const name = (): string => `${index}-${next++}`;
  const increment = (before: Buffer | undefined): string => String(Number(before ?? 0) + 1);
  return [
    {
      name: 'Counter',
      step: () => counted(stage, 'counter', () => counter.add(1, patience(stage))),
    },
    {
      name: 'SharedValue',
      step: () => counted(stage, 'value', () => value.update(increment, patience(stage))),
    },
    {
      name: 'Queue, put',
      step: () => {
        const item = name();
        return put(stage, queue, item, () => queue.put(item, patience(stage)));
      },
    },
    { name: 'Queue, take', step: () => take(stage, queue) },
    {
      name: 'PriorityQueue, put',
      step: () => {
        const item = name();
        const priority = Math.floor(random() * 5);
        return put(stage, priorities, item, () => priorities.put(item, priority, patience(stage)));
      },
    },
    { name: 'PriorityQueue, take', step: () => take(stage, priorities) },
  ];
}
