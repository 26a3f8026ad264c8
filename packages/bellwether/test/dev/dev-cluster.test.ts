import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { prepareDirectory } from '../../src/dev/data-directory.ts';
import { DevCluster } from '../../src/dev/dev-cluster.ts';
import { layOut } from '../../src/dev/dev-layout.ts';
import { scratchDirectory } from '../support/scratch.ts';

const FAKE = fileURLToPath(new URL('fake-node.mjs', import.meta.url));
/** The fake nodes listen nowhere, so any number does. */
const PORT = 40_000;

/** A screen whose lines can be waited for. */
class Recorder {
  readonly lines: string[] = [];
  rows: readonly string[] = [];
  #onLine: () => void = () => undefined;

  line(text: string): void {
    this.lines.push(text);
    this.#onLine();
  }

  table(rows: readonly string[]): void {
    this.rows = rows;
  }

  close(): void {}

  /** Resolves with the first line from `from` on that matches. */
  until(pattern: RegExp, from = 0): Promise<string> {
    return new Promise((resolve) => {
      this.#onLine = () => {
        const line = this.lines.slice(from).find((text) => pattern.test(text));
        if (line !== undefined) resolve(line);
      };
      this.#onLine();
    });
  }
}

interface Run {
  readonly directory: string;
  readonly screen: Recorder;
  readonly cluster: DevCluster;
  readonly ended: Promise<number>;
  lead(text: string): void;
  pidOf(id: number): number;
}

function start(whenChildEnds: 'report' | 'restart', leader = '1 1'): Run {
  const directory = scratchDirectory({ leader });
  const nodes = layOut(3, PORT, directory);
  prepareDirectory(directory, nodes);
  const screen = new Recorder();
  const program = { args: [FAKE] };
  const cluster = new DevCluster({ nodes, directory, program, whenChildEnds, screen });
  const ended = cluster.run();
  onTestFinished(async () => {
    cluster.stop(0);
    await ended;
  });
  return {
    directory,
    screen,
    cluster,
    ended,
    lead: (text) => writeFileSync(join(directory, 'leader'), text),
    pidOf: (id) => {
      const pids = readFileSync(join(directory, 'pids'), 'utf8');
      return Number(new RegExp(`^${id} (\\d+)$`, 'm').exec(pids)?.[1]);
    },
  };
}

const READY = /^cluster ready: /;

describe('the local cluster', () => {
  test('says when it is ready, once, and who leads', async () => {
    const { screen, lead } = start('report');
    expect(await screen.until(READY)).toBe(
      'cluster ready: leader 1, clients 127.0.0.1:40000,127.0.0.1:40001,127.0.0.1:40002',
    );
    lead('3 2');
    await screen.until(/^node 3 leads \(term 2\)$/);
    expect(screen.lines.filter((line) => READY.test(line))).toHaveLength(1);
  });

  test('is not ready before there is a leader', async () => {
    const { screen, lead } = start('report', '0 1');
    await screen.until(/^node 1 .*is up/);
    await screen.until(/^node 2 .*is up/);
    await screen.until(/^node 3 .*is up/);
    expect(screen.lines.some((line) => READY.test(line))).toBe(false);
    lead('2 2');
    expect(await screen.until(READY)).toContain('leader 2');
  });

  test('reports a process that is killed, and leaves it at that', async () => {
    const { screen, pidOf, lead } = start('report');
    await screen.until(READY);
    const pid = pidOf(1);
    process.kill(pid, 'SIGKILL');
    await screen.until(new RegExp(`^node 1 \\(pid ${pid}\\) was killed by SIGKILL$`));
    await screen.until(/^no leader$/);
    lead('2 2');
    await screen.until(/^node 2 leads \(term 2\)$/);
    expect(pidOf(1)).toBeNaN();
    expect(screen.rows[1]).toMatch(/^1 +- +127\.0\.0\.1:40000 .* was killed by SIGKILL$/);
    expect(screen.rows[2]).toMatch(/^2 +\d+ +127\.0\.0\.1:40001 +leader +2 +0xa +0 +serving$/);
  });

  test('starts it again when it is to', async () => {
    const { screen, pidOf } = start('restart');
    await screen.until(READY);
    const pid = pidOf(2);
    process.kill(pid, 'SIGKILL');
    await screen.until(/^node 2 \(pid \d+\) was restarted$/);
    await screen.until(/^node 2 .*is up/, screen.lines.length - 1);
    expect(pidOf(2)).not.toBe(pid);
  });

  test('stops every process, and then takes their ids away', async () => {
    const { screen, cluster, ended, pidOf, directory } = start('report');
    await screen.until(READY);
    const pids = [1, 2, 3].map(pidOf);
    cluster.stop(0);
    expect(await ended).toBe(0);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(existsSync(join(directory, 'pids'))).toBe(false);
  });

  test('a node that cannot start ends all of it, with the end of its log', async () => {
    const { screen, ended } = start('report', 'fail');
    expect(await ended).toBe(1);
    expect(screen.lines.join('\n')).toMatch(
      /node \d \(pid \d+\) exited with code 3\nthe end of .*log\.txt:\n {4}fake node: told to fail/,
    );
  });

  test('ends when no node is left', async () => {
    const { screen, ended, pidOf } = start('report');
    await screen.until(READY);
    for (const pid of [1, 2, 3].map(pidOf)) process.kill(pid, 'SIGKILL');
    expect(await ended).toBe(1);
    expect(screen.lines.at(-1)).toBe('no node is left');
  });
});
