import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Failover } from '@bellwether/cluster';
import { describe, expect, onTestFinished, test } from 'vitest';
import { outcomeOf } from '../support/outcome.ts';
import { scratchDirectory } from '../support/scratch.ts';

describe('the command line', () => {
  test('tells its version and how it is used', async () => {
    expect(await outcomeOf('version')).toMatchObject({ code: 0 });
    expect((await outcomeOf('--version')).code).toBe(0);
    expect((await outcomeOf('--help')).code).toBe(0);
  });

  test.each([
    [['sttus']],
    [['serve']],
    [['dev', '--nodes', '0']],
    [['dev', '--nodes', '10']],
    [['dev', '--port', 'x']],
    [['dev', '--prot', '1']],
    [['status', '--server', 'nowhere']],
    [['status', '--word', 'nonsense']],
    [['dev', '--port', '65535']],
  ])('%j is wrong: exit code 2', async (args) => {
    expect((await outcomeOf(...args)).code).toBe(2);
  });

  test('mistakes in a configuration are shown at once, without a stack', async () => {
    const file = join(scratchDirectory({ 'n.yaml': 'nodeId: 0\ndatadir: x\n' }), 'n.yaml');
    const { code, err } = await outcomeOf('serve', file);
    expect(code).toBe(2);
    expect(err.split('\n')).toHaveLength(5);
    expect(err).toMatch(/^bellwether: 3 mistakes in the configuration\n/);
    expect((await outcomeOf('--debug', 'serve', file)).err).toMatch(/\n +at .*load-config/);
  });

  test('a good configuration can be checked without a start', async () => {
    const file = join(scratchDirectory({ 'n.yaml': 'nodeId: 1\ndataDir: x\n' }), 'n.yaml');
    expect(await outcomeOf('serve', '--check', file)).toEqual({
      code: 0,
      out: 'the configuration is fine: node 1 of 1 member\n',
      err: '',
    });
  });
});

describe('status', () => {
  /** A server that answers to every word in the same way; undefined: not at all. */
  async function serverThatSays(answer: string | undefined): Promise<string> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (word) => {
        if (answer !== undefined) socket.end(answer.replace('WORD', String(word)));
      });
      onTestFinished(() => void socket.destroy());
    });
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `127.0.0.1:${address.port}`;
  }

  test('shows what the server says', async () => {
    const server = await serverThatSays('asked WORD\nMode: leader\n');
    expect(await outcomeOf('status', '--server', server)).toEqual({
      code: 0,
      out: 'asked srvr\nMode: leader\n',
      err: '',
    });
  });

  test('of several servers is headed by their names, and fails when one does not serve', async () => {
    const good = await serverThatSays('Mode: follower\n');
    const bad = await serverThatSays('This ZooKeeper instance is not currently serving requests\n');
    const { code, out, err } = await outcomeOf('status', '--server', `${good},${bad}`);
    expect(code).toBe(1);
    expect(out).toBe(`--- ${good}\nMode: follower\n--- ${bad}\n`);
    expect(err).toContain('not currently serving');
  });

  test('names the setting when a word is not allowed', async () => {
    const server = await serverThatSays('mntr is not executed because it is not in the whitelist.');
    const { code, err } = await outcomeOf('status', '--server', server, '--word', 'mntr');
    expect(code).toBe(1);
    expect(err).toContain('allow it with fourLetterWords');
  });

  test('does not wait for ever', async () => {
    const server = await serverThatSays(undefined);
    const { code, err } = await outcomeOf('status', '--server', server, '--timeout', '30');
    expect(code).toBe(1);
    expect(err).toContain('no answer in 30 ms');
  });

  test('failovers shows what every node has seen, and says who did not answer', async () => {
    const failover: Failover = {
      ...{ number: 2, beganAtMs: 1_700_000_000_000.25, cause: 'connection closed' },
      ...{ oldLeaderId: 3, oldTerm: 4, newLeaderId: 1, newTerm: 5, totalMs: 7.75 },
      phasesMs: { suspect: 0.25, confirm: 1, elect: 1.5, catchUp: 2, serve: 3 },
    };
    const answer = { node: 2, failovers: [failover] };
    const server = createServer((socket) =>
      socket.once('data', () => {
        socket.end(JSON.stringify(answer));
      }),
    ).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const good = `127.0.0.1:${port}`;
    const { code, out } = await outcomeOf('failovers', '--server', good);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toBe('node 2');
    expect(out.split('\n')[2]?.split(/ {2,}/)).toEqual([
      '2023-11-14T22:13:20.000Z',
      ...['connection closed', '3 -> 1', '4 -> 5', '0.3', '1.0', '1.5', '2.0', '3.0', '7.8'],
    ]);
    const both = await outcomeOf('failovers', '--json', '--server', `${good},127.0.0.1:1`);
    expect(both.code).toBe(1);
    expect(JSON.parse(both.out)).toEqual([answer]);
    expect(both.err).toContain('bellwether: 127.0.0.1:1: ');
  });
});
