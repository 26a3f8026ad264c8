// A process with some of the clients: `main.ts` starts it, and talks to it by messages.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Judge } from '../../src/testing/judge.ts';
import type { FromWorker, Question, ToWorker, WorkerOptions, WorkerReport } from './messages.ts';
import { Player } from '../../src/testing/player.ts';
import { CutRuntime } from '../servers/cut-runtime.ts';
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

interface Played {
  readonly player: Player;
  readonly runtime: CutRuntime;
}

let played: readonly Played[] = [];
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
  played = indexes.map((index) => {
    const runtime = new CutRuntime();
    const random = seededRandom(seed * 1_000 + index);
    return { player: new Player({ ...common, index, judge, runtime, random }), runtime };
  });
  for (const { player } of played) player.play();
}

async function report(): Promise<WorkerReport> {
  await sleep(200);
  globalThis.gc?.();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const clients = played.map(({ player }) => player.client);
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
  const players = played.map(({ player }) => player);
  switch (question.ask) {
    case 'play':
      return play(question.options);
    case 'cut':
    case 'heal':
      return played[question.index]?.runtime[question.ask]();
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
  if (played.some(({ player }) => player.client.state !== 'closed')) process.exit(1);
});
