import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findFreePortBlock } from './free-ports.ts';
import { findZooKeeperClasspath } from './java.ts';
import {
  compareOutcomes,
  divideModules,
  makeReference,
  moduleOf,
  readDifferences,
  readOutcomes,
  readReference,
  REFERENCE_FILE,
  replaceOutcomes,
  unexpectedTests,
  type KazooOutcome,
} from './kazoo-outcomes.ts';
import { kazooSuite, kazooSuitePython, PROGRAMS, RUNS_ALL, titleOfLong } from './requirements.ts';
import { SERVER } from './server-command.ts';
import { ServerProcess } from './server-process.ts';

const KAZOO = join(PROGRAMS, 'kazoo');
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const PARTS = 4;
/** Ports that kazoo's harness takes from its offset on: three servers, ten apart. */
const HARNESS_PORTS = 30;
const SUITE_TIMEOUT_MS = 600_000;
const KAZOO_TEST_TIMEOUT_SECONDS = 120;
const REWRITES = process.env['REWRITE'] === '1' && SERVER === 'zookeeper';
/** What the harness believes to start; some tests ask for features by it. */
const ZOOKEEPER_VERSION = process.env['ZOOKEEPER_VERSION'] ?? '3.9.3';

/** Where kazoo's harness finds "java": Apache's server, or the one here under that name. */
async function environment(
  outcomesFile: string,
  only: readonly string[],
): Promise<NodeJS.ProcessEnv> {
  const port = await findFreePortBlock(HARNESS_PORTS);
  const stands = SERVER === 'bellwether' ? [join(KAZOO, 'bin')] : [];
  return {
    PATH: [...stands, process.env['PATH']].join(delimiter),
    PYTHONPATH: KAZOO,
    OUTCOMES_FILE: outcomesFile,
    ONLY_TESTS: only.join(' '),
    BELLWETHER_CLI: CLI,
    BELLWETHER_NODE: process.execPath,
    ZOOKEEPER_CLASSPATH: findZooKeeperClasspath() ?? 'none',
    ZOOKEEPER_VERSION,
    ZOOKEEPER_PORT_OFFSET: String(port),
    // In what kazoo takes for its own CI, tests sleep longer and one compares versions.
    CI: '',
  };
}

/** Runs these modules of kazoo's, or some tests of them; resolves with how each test ended. */
async function runModules(
  modules: readonly string[],
  only: readonly string[] = [],
): Promise<readonly KazooOutcome[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bellwether-kazoo-'));
  const outcomesFile = join(directory, 'outcomes');
  writeFileSync(outcomesFile, '');
  try {
    const names = modules.map((module) => `kazoo.tests.${module}`);
    const pytest = new ServerProcess(
      [
        ...([kazooSuitePython!, '-m', 'pytest', '-p', 'outcomes'] as const),
        ...['-q', '-W', 'ignore', '-p', 'no:cacheprovider', '--rootdir', directory],
        ...['--timeout', String(KAZOO_TEST_TIMEOUT_SECONDS), '--pyargs', ...names],
      ],
      await environment(outcomesFile, only),
    );
    await pytest.waitForEnd();
    // 1: some tests have failed, which the outcomes tell. Anything else is no run at all.
    if (pytest.exitCode !== 0 && pytest.exitCode !== 1) throw new Error(pytest.output);
    return readOutcomes(outcomesFile);
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function summarize(outcomes: readonly KazooOutcome[]): string {
  const count = (how: string) => outcomes.filter(({ outcome }) => outcome === how).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

/**
 * Some of kazoo's tests give a server a few seconds to start, which may be too short while the other
 * parts run, on any server: what ended unexpectedly is run once more with nothing beside it.
 */
async function repeat(
  first: readonly KazooOutcome[],
  tests: readonly string[],
): Promise<readonly KazooOutcome[]> {
  const later = await runModules([...new Set(tests.map(moduleOf))], tests);
  for (const { test, outcome } of later) console.log(`run again: ${test}: ${outcome}`);
  return replaceOutcomes(first, later);
}

function record(outcomes: readonly KazooOutcome[]): void {
  const server = `Apache ZooKeeper ${ZOOKEEPER_VERSION}`;
  writeFileSync(REFERENCE_FILE, `${JSON.stringify(makeReference(server, outcomes), null, 2)}\n`);
}

const isSkipped = !RUNS_ALL || kazooSuite.missing !== undefined;

describe.skipIf(isSkipped)(titleOfLong(kazooSuite), () => {
  const reference = readReference();
  const differences = SERVER === 'bellwether' ? readDifferences() : {};

  it.skipIf(!REWRITES)(
    'are recorded on Apache ZooKeeper',
    async () => record(await runModules(Object.keys(reference.seconds))),
    SUITE_TIMEOUT_MS,
  );

  it.skipIf(REWRITES)(
    'end as on Apache ZooKeeper',
    async () => {
      const parts = await Promise.all(
        divideModules(reference, PARTS).map((modules) => runModules(modules)),
      );
      const first = parts.flat();
      console.log(`kazoo's own tests on ${SERVER}: ${summarize(first)}`);
      const again = unexpectedTests(first, reference, differences);
      const outcomes = again.length === 0 ? first : await repeat(first, again);
      expect(compareOutcomes(outcomes, reference, differences)).toEqual([]);
    },
    SUITE_TIMEOUT_MS,
  );
});
