import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AdminServer } from '../../src/admin/admin-server.ts';
import { createLogger } from '../../src/logger.ts';
import { withLiveCluster } from '../../src/plan/live-cluster.ts';
import { assumedScenario } from '../../src/plan/plan-scenario.ts';
import { TestServer } from '../server/support/test-server.ts';

type Answers = Readonly<Record<string, unknown>>;

/** An admin server that says what it is told to. */
async function saying(answers: Answers): Promise<string> {
  const server = createServer((request, response) => {
    const name = request.url?.split('/').at(-1) ?? '';
    response.end(JSON.stringify(answers[name] ?? { error: `Unknown command: ${name}` }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const FIGURES = {
  voters: 5,
  learners: 0,
  tick_ms: 10,
  heartbeat_ms: 60,
  silence_ms_min: 240,
  silence_ms_max: 900,
  silence_bound_ms: 300,
  flush_ms_mean: 0.7,
};
const MONITOR = { server_state: 'follower', avg_updatelatency: 2.7, cnt_updatelatency: 10 };
const failover = (confirm: number): unknown => ({
  cause: 'connection closed',
  totalMs: 20,
  phasesMs: { confirm },
});

describe('the figures of a live cluster', () => {
  it('become those of the plan', async () => {
    const url = await saying({ figures: FIGURES, monitor: MONITOR, failovers: { failovers: [] } });
    const { scenario, origins, notes } = await withLiveCluster(assumedScenario(), url);
    expect(scenario.members).toMatchObject({ voters: 5, electable: 5 });
    expect(scenario.timing).toMatchObject({
      heartbeatMs: 60,
      silenceMsMin: 240,
      silenceMsMax: 900,
    });
    expect(scenario.machine.flushMs).toBe(0.7);
    // 300 ms of silence are borne: three heartbeats, and 1.5 times the jitter.
    expect(scenario.machine.jitterMs).toBeCloseTo(80, 9);
    // A write through a follower takes a flush and four messages.
    expect(scenario.machine.rttMs / 2 + scenario.machine.hopMs).toBeCloseTo(0.5, 9);
    expect(origins.get('machine.flushMs')).toBe('measured');
    expect(notes).toEqual(['this node has seen no failover since it was started']);
  });

  it('take the way between nodes from past failovers where there are some', async () => {
    const failovers = [failover(2), failover(90), failover(1.6), failover(0)];
    const url = await saying({ figures: FIGURES, monitor: MONITOR, failovers: { failovers } });
    const { scenario, notes } = await withLiveCluster(assumedScenario(), `${url}/commands/`);
    expect(scenario.machine.rttMs / 2 + scenario.machine.hopMs).toBeCloseTo(1, 9);
    expect(notes[0]).toBe('the newest 4 failovers that this node has seen took 20.0 ms on average');
  });

  it('are those that a node gives', async () => {
    const server = await TestServer.start();
    const log = createLogger({ level: 'error', format: 'text' }, 'admin');
    const place = { address: '127.0.0.1', port: 0, commandPath: '/commands' };
    const listen = { ...place, changes: 'nowhere' } as const;
    const control = { transfer: () => Promise.resolve('not leading' as const), leaderId: 1 };
    const admin = new AdminServer(listen, server.server.inspection, control, log);
    onTestFinished(async () => {
      await admin.close();
      await server.stop();
    });
    const { port } = await admin.listen();
    const { scenario } = await withLiveCluster(assumedScenario(), `http://127.0.0.1:${port}`);
    expect(scenario.members.voters).toBe(1);
    expect(scenario.timing).toMatchObject({
      heartbeatMs: 50,
      silenceMsMin: 200,
      silenceMsMax: 800,
    });
  });

  it.each([
    ['nonsense', /write the admin server's URL/],
    ['ftp://a', /must begin with http/],
    ['http://127.0.0.1:1', /http:\/\/127\.0\.0\.1:1\/commands\/figures cannot be read/],
  ])('cannot be had of %s, and the message says why', async (url, message) => {
    await expect(withLiveCluster(assumedScenario(), url)).rejects.toThrow(message);
  });

  it('cannot be had of something else that speaks HTTP', async () => {
    const url = await saying({});
    await expect(withLiveCluster(assumedScenario(), url)).rejects.toThrow(
      /does not answer like a node of Bellwether: Unknown command: figures/,
    );
  });
});
