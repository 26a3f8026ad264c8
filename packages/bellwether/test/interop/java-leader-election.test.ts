import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withCluster } from './cluster-fixture.ts';
import { findZooKeeperClasspath } from './java.ts';
import { java, titleOf } from './requirements.ts';
import { ServerProcess } from './server-process.ts';

const SOURCE = fileURLToPath(
  new URL('../../../../examples/java-leader-election/LeaderElection.java', import.meta.url),
);
const TEST_TIMEOUT_MS = 90_000;

class Candidate {
  readonly process: ServerProcess;

  constructor(classes: string, connectString: string) {
    const classpath = [classes, findZooKeeperClasspath()].join(delimiter);
    this.process = new ServerProcess([
      'java',
      '-Xmx64m',
      '-cp',
      classpath,
      'LeaderElection',
      connectString,
    ]);
  }

  /** Its znode's name, once it has volunteered. */
  async name(): Promise<string> {
    return (await this.process.waitForOutput(/candidate (n_\d{10}) volunteers/))[1]!;
  }

  async waitUntilItLeads(): Promise<void> {
    await this.process.waitForOutput(/^candidate n_\d{10}: leader$/m);
  }

  async waitUntilItWaitsFor(name: string): Promise<void> {
    await this.process.waitForOutput(new RegExp(`^candidate n_\\d{10} waits for ${name}$`, 'm'));
  }

  async waitUntilToldThatGone(name: string): Promise<void> {
    await this.process.waitForOutput(new RegExp(`told that ${name} is gone`));
  }
}

describe.skipIf(java.missing !== undefined)(titleOf(java), () => {
  let classes: string;

  beforeAll(() => {
    classes = mkdtempSync(join(tmpdir(), 'bellwether-java-'));
    const classpath = findZooKeeperClasspath()!;
    const compiled = spawnSync('javac', ['-cp', classpath, '-d', classes, SOURCE], {
      encoding: 'utf8',
    });
    if (compiled.status !== 0) throw new Error(`javac failed:\n${compiled.stderr}`);
  }, TEST_TIMEOUT_MS);

  afterAll(() => rmSync(classes, { recursive: true, force: true }));

  it(
    'elects the lowest znode, and tells the next one when its process is killed or closes',
    () =>
      withCluster(async (cluster) => {
        const candidates: Candidate[] = [];
        const names: string[] = [];
        // One after the other, so that the order of the znodes is the order here.
        for (let i = 0; i < 3; i += 1) {
          const candidate = new Candidate(classes, cluster.connectString);
          candidates.push(candidate);
          names.push(await candidate.name());
        }
        const [first, second, third] = candidates as [Candidate, Candidate, Candidate];
        try {
          expect(names).toEqual([...names].sort());
          await first.waitUntilItLeads();
          await second.waitUntilItWaitsFor(names[0]!);
          await third.waitUntilItWaitsFor(names[1]!);

          await first.process.end('SIGKILL');
          await second.waitUntilToldThatGone(names[0]!);
          await second.waitUntilItLeads();
          expect(third.process.output).not.toMatch(/told|leader/);

          second.process.writeLine('');
          await second.process.waitForOutput(/ left$/m);
          await third.waitUntilToldThatGone(names[1]!);
          await third.waitUntilItLeads();
        } finally {
          await Promise.all(candidates.map((candidate) => candidate.process.end('SIGKILL')));
        }
      }),
    TEST_TIMEOUT_MS,
  );
});
