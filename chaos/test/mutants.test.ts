import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whyNoNetworks } from '@bellwether/testbed';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CANARY, MUTANTS } from '../../packages/simulator/test/mutants/catalogue.ts';
import { Workbench } from '../../packages/simulator/test/mutants/workbench.ts';

const RUN = fileURLToPath(new URL('../dist/run.js', import.meta.url));
/** By the names that the mutation bench has for them: CHAOS_MUTANTS=watch-not-fired,sync-at-once */
const NAMES = (process.env['CHAOS_MUTANTS'] ?? '').split(',').filter(Boolean);
const MINUTES = process.env['CHAOS_MINUTES'] ?? '1';
/** Of faults; a bug that is found ends the run. */
const ROUND_SECONDS = '5';
const TEST_TIMEOUT_MS = 120_000 + Number(MINUTES) * 120_000;

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

async function prove(packages: string): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'bellwether-mutant-run-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const time = ['--minutes', MINUTES, '--round', ROUND_SECONDS];
  const args = ['--packages', packages, '--data', directory, ...time];
  const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

const reason = NAMES.length === 0 ? 'CHAOS_MUTANTS names none' : whyNoNetworks();
const title = `a run with a bug in the nodes${reason === undefined ? '' : ` (skipped: ${reason})`}`;

describe.skipIf(reason !== undefined)(title, { timeout: TEST_TIMEOUT_MS }, () => {
  it.each(NAMES.length === 0 ? ['none'] : NAMES)('finds it: %s', async (name) => {
    const mutant = [CANARY, ...MUTANTS].find((each) => each.name === name)!;
    const workbench = new Workbench();
    onTestFinished(() => workbench.remove());
    await workbench.build(mutant);
    const { code, output } = await prove(workbench.packages);
    console.log(
      output
        .split('\n')
        .filter((line) => line.startsWith('round '))
        .join('\n'),
    );
    expect(code, output).toBe(1);
  });
});
