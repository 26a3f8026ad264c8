import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SessionActor, type Action } from './support/session-actor.ts';
import { TestServer } from './support/test-server.ts';

const ACTORS = ['a', 'b', 'c'];
/** Longer than the sessions live without their clients. */
const EXPIRY_MS = 6_000;
const PING_MS = 1_000;

const writes = fc.integer({ min: 0, max: 12 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('work' as const), writes }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('breakOff' as const), writes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('comeBack' as const), writes }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const) }) },
);
const step = fc.record({
  /** What each actor does, all at once; undefined: nothing. */
  actions: fc.array(fc.option(action, { nil: undefined }), { minLength: 3, maxLength: 3 }),
  /** Turns of the event loop without a decision, as when there is no leader. */
  heldTurns: fc.oneof(fc.constant(0), fc.nat({ max: 6 })),
  isTimePassing: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function hold(server: TestServer, turns: number): Promise<void> {
  if (turns === 0) return;
  server.consensus.hold();
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
  server.consensus.release();
}

async function passTime(server: TestServer, actors: readonly SessionActor[]): Promise<void> {
  for (let passedMs = 0; passedMs < EXPIRY_MS; passedMs += PING_MS) {
    server.pass(PING_MS);
    await Promise.all(actors.map((actor) => actor.ping()));
  }
  for (const actor of actors) actor.onTimePassed();
}

async function run(steps: readonly Step[]): Promise<void> {
  const server = await TestServer.start();
  try {
    const actors = ACTORS.map((name) => new SessionActor(server, name));
    for (const { actions, heldTurns, isTimePassing } of steps) {
      await Promise.all([
        hold(server, heldTurns),
        ...actions.map((each, i) => (each === undefined ? undefined : actors[i]!.act(each))),
      ]);
      if (isTimePassing) await passTime(server, actors);
      const client = await server.client();
      for (const actor of actors) await actor.check(client);
      await client.closeSession();
    }
    expect(server.fatal).toEqual([]);
  } finally {
    await server.stop();
  }
}

it('keeps sessions, their order and their ephemerals through any breaks, returns and closes', async () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 8 });
  await fc.assert(fc.asyncProperty(steps, run), { numRuns: 60 });
});
