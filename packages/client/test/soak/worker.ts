// A process with some of the clients: `main.ts` starts it, and talks to it by messages.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Judge } from './judge.ts';
import type { FromWorker, Question, ToWorker, WorkerOptions, WorkerReport } from './messages.ts';
import { Player } from './player.ts';
import { seededRandom } from './random.ts';

const JUDGED = [
  'look',
  'claim',
  'leave',
  'count',
  'put',
  'complete',
  'barrier',
  'passed',
] as const satisfies readonly (keyof Judge)[];

let players: readonly Player[] = [];
const judged = new Map<number, (result: unknown) => void>();
let calls = 0;

function tell(message: FromWorker): void {
  process.send?.(message);
}

function callJudge(method: keyof Judge, args: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve) => {
    const id = ++calls;
    judged.set(id, resolve);
    tell({ type: 'judge', id, method, args });
  });
}

const judge = Object.fromEntries(
  JUDGED.map((method) => [method, (...args: readonly unknown[]) => callJudge(method, args)]),
) as unknown as Judge;

function play({ indexes, seed, ...common }: WorkerOptions): void {
  players = indexes.map((index) => {
    const random = seededRandom(seed * 1_000 + index);
    return new Player({ ...common, index, judge, random });
  });
  for (const player of players) player.play();
}

async function report(): Promise<WorkerReport> {
  await sleep(200);
  globalThis.gc?.();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const clients = players.map(({ client }) => client);
  const sum = (count: (client: Player['client']) => number): number =>
    clients.reduce((total, client) => total + count(client), 0);
  return {
    heapBytes: process.memoryUsage().heapUsed,
    resources,
    watches: sum(({ watchCount }) => watchCount),
    pendingRequests: sum(({ pendingRequests }) => pendingRequests),
    listeners: sum((client) => client.listenerCount('state') + client.listenerCount('closed')),
    sessions: sum(({ sessionNumber }) => sessionNumber),
  };
}

async function answer(question: Question): Promise<unknown> {
  switch (question.ask) {
    case 'play':
      return play(question.options);
    case 'cut':
    case 'heal':
      return players[question.index]?.runtime[question.ask]();
    case 'progress':
      return players.map(({ progress }) => [...progress]);
    case 'problems':
      return players.flatMap(({ problems }) => problems);
    case 'settle':
      return (await Promise.all(players.map((player) => player.settle(question.withinMs)))).flat();
    case 'report':
      return report();
    case 'rest':
      return Promise.all(players.map((player) => player.rest()));
    case 'close':
      await Promise.all(players.map(({ client }) => client.close()));
      // Nothing but this channel may keep the process alive now.
      setImmediate(() => process.disconnect());
      return;
    default:
      return question satisfies never;
  }
}

process.on('message', (message: ToWorker) => {
  if (message.type === 'judged') {
    judged.get(message.id)?.(message.result);
    judged.delete(message.id);
    return;
  }
  const { id, question } = message;
  void answer(question).then((result) => tell({ type: 'answer', id, result }));
});
process.on('disconnect', () => {
  // The soak is gone: nobody is left to answer.
  if (players.some(({ client }) => client.state !== 'closed')) process.exit(1);
});
