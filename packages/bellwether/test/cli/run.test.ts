import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { scratchDirectory } from '../support/scratch.ts';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function outcomeOf(...args: string[]): Promise<Outcome> {
  let out = '';
  let err = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    return { code: await run(args), out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

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
});
