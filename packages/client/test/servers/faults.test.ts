import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Client } from '../../src/client.ts';
import { LocalJudge } from '../../src/testing/judge.ts';
import { findLeftovers, judgeTheEnd } from '../../src/testing/leftovers.ts';
import { Nemesis, STRIKES } from '../soak/nemesis.ts';
import { Player } from '../../src/testing/player.ts';
import { seededRandom } from '../soak/random.ts';
import { CutRuntime } from './cut-runtime.ts';
import { Ensemble } from './ensemble.ts';
import { SYSTEMS, titleOf } from './systems.ts';

/*
 * The soak (`npm run soak:recipes`) in small: servers are killed and frozen and clients cut off, for
 * some seconds. Longer, and with ZooKeeper's servers too: CLIENT_FAULTS_MS=60000.
 */

const ASKED_FOR = process.env['CLIENT_FAULTS_MS'];
const FAULTS_MS = Number(ASKED_FOR ?? 5_000);
const RECOVERY_MS_MAX = 30_000;
const SESSION_TIMEOUT_MS = 2_000;
const CLIENTS = 4;

const [ours] = SYSTEMS;
const TESTED = SYSTEMS.map((system) =>
  system === ours || ASKED_FOR !== undefined
    ? system
    : { ...system, missing: system.missing ?? 'CLIENT_FAULTS_MS does not ask for it' },
);

describe.each(TESTED.map((system) => ({ system, title: titleOf(system) })))(
  '$title',
  ({ system }) => {
    it.skipIf(system.missing !== undefined)(
      'recipes stay safe while servers die and freeze and clients are cut off, and go on afterwards',
      async () => {
        const ensemble = await Ensemble.start(system, 3);
        const judge = new LocalJudge();
        const runtimes = Array.from({ length: CLIENTS }, () => new CutRuntime());
        const players = runtimes.map((runtime, index) =>
          makePlayer(ensemble, judge, runtime, index),
        );
        try {
          await run(ensemble, judge, players, runtimes);
        } finally {
          await Promise.all(players.map(({ client }) => client.close()));
          await ensemble.stop();
        }
      },
      FAULTS_MS + RECOVERY_MS_MAX + 60_000,
    );
  },
);

function makePlayer(
  { connectString }: Ensemble,
  judge: LocalJudge,
  runtime: CutRuntime,
  index: number,
): Player {
  return new Player({
    servers: connectString,
    index,
    clients: CLIENTS,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    pauseMs: 50,
    judge,
    runtime,
    random: seededRandom(index),
  });
}

async function run(
  ensemble: Ensemble,
  judge: LocalJudge,
  players: readonly Player[],
  runtimes: readonly CutRuntime[],
): Promise<void> {
  for (const player of players) player.play();
  const nemesis = new Nemesis({
    ensemble,
    // This process is not frozen: it is who judges.
    strikes: STRIKES.filter((strike) => strike !== 'worker frozen'),
    workers: [],
    clients: CLIENTS,
    cut: (client) => runtimes[client]!.cut(),
    heal: (client) => runtimes[client]!.heal(),
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    random: Math.random,
  });
  await nemesis.strikeUntil(performance.now() + FAULTS_MS);
  await expectProgress(players);
  const unsettled = await Promise.all(players.map((player) => player.settle(RECOVERY_MS_MAX)));
  expect(unsettled.flat()).toEqual([]);
  await Promise.all(players.map((player) => player.rest()));
  console.log([...nemesis.strikes].join(', '), '|', judge.ledger.summary);
  expect(players.flatMap(({ problems }) => problems)).toEqual([]);
  await expectCleanEnd(ensemble, judge);
  for (const { client } of players) {
    expect(client.watchCount).toBe(0);
    expect(client.listenerCount('state') + client.listenerCount('closed')).toBe(0);
  }
}

/** Nothing is stuck: each gets something done again. */
async function expectProgress(players: readonly Player[]): Promise<void> {
  const before = players.map(({ progress }) => new Map(progress));
  const isStuck = (): string[] =>
    players.flatMap(({ progress }, at) =>
      [...progress]
        .filter(([role, count]) => count <= (before[at]!.get(role) ?? 0))
        .map(([role, count]) => `client ${at}: ${role} after ${count}`),
    );
  const untilMs = performance.now() + RECOVERY_MS_MAX;
  while (isStuck().length > 0 && performance.now() < untilMs) await sleep(50);
  expect(isStuck()).toEqual([]);
}

async function expectCleanEnd(ensemble: Ensemble, judge: LocalJudge): Promise<void> {
  const client = await Client.connect(ensemble.connectString);
  try {
    expect(await judgeTheEnd(client, judge)).toEqual([]);
    await expect.poll(() => findLeftovers(client)).toEqual([]);
  } finally {
    await client.close();
  }
}
