import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as clientModule from '../../src/index.ts';
import * as recipesModule from '../../src/recipes/index.ts';
import { Ensemble } from './ensemble.ts';
import { ROOT, SYSTEMS } from './systems.ts';

/*
 * The programs in the documents run, and end, and leave nothing behind.
 */

interface Program {
  readonly title: string;
  readonly code: string;
}

const AsyncFunction = (async () => undefined).constructor as new (
  ...texts: string[]
) => (...values: unknown[]) => Promise<void>;

function programsIn(file: string): readonly Program[] {
  const text = readFileSync(join(ROOT, 'docs', file), 'utf8');
  const programs: Program[] = [];
  for (const section of text.split(/^## /m).slice(1)) {
    const title = section.slice(0, section.indexOf('\n'));
    for (const match of section.matchAll(/^```js\n([\s\S]*?)^```/gm)) {
      programs.push({ title, code: match[1]! });
    }
  }
  return programs;
}

/** What a program imports is there as a variable. */
function run(code: string, given: Readonly<Record<string, unknown>>): Promise<void> {
  const said: unknown[] = [];
  const all: Record<string, unknown> = {
    ...clientModule,
    ...recipesModule,
    ...given,
    console: { log: (...values: unknown[]) => said.push(values) },
  };
  const body = code.replaceAll(/^import .*;$/gm, '');
  const declared = new Set(
    [...body.matchAll(/^(?:const|let) (?:\[?(\w+)(?:, (\w+))?)/gm)].flatMap((match) =>
      match.slice(1),
    ),
  );
  const names = Object.keys(all).filter((name) => !declared.has(name));
  return new AsyncFunction(...names, body)(...names.map((name) => all[name]));
}

describe.skipIf(SYSTEMS[0]!.missing !== undefined)('the documents', () => {
  let ensemble: Ensemble;
  let servers: string;
  let client: clientModule.Client;
  let other: clientModule.Client;
  let round = 0;

  beforeAll(async () => {
    ensemble = await Ensemble.start(SYSTEMS[0]!, 1);
  }, 60_000);
  afterAll(() => ensemble.stop());
  beforeEach(async () => {
    servers = `${ensemble.connectString}/round${++round}`;
    [client, other] = await Promise.all([
      clientModule.Client.connect(servers),
      clientModule.Client.connect(servers),
    ]);
    await client.ensurePath('/');
    // Some pages give the chroot themselves.
    await client.ensurePath('/app');
  });
  afterEach(async () => {
    await Promise.all([client.close(), other.close()]);
  });

  it.each(programsIn('client.md'))('client.md: $title', async ({ code }) => {
    await run(code, { servers });
  });

  it.each(programsIn('recipes.md'))('recipes.md: $title', async ({ code }) => {
    await run(code, { client, other, servers });
    await client.sync();
    await expect.poll(() => client.watchCount + other.watchCount).toBe(0);
    expect(await client.getEphemerals()).toEqual([]);
  });

  it('show each recipe', () => {
    const shown = programsIn('recipes.md')
      .map(({ code }) => code)
      .join('\n');
    const recipes = Object.entries(recipesModule).filter(([name]) => /^[A-Z]/.test(name));
    const missing = recipes.map(([name]) => name).filter((name) => !shown.includes(name));
    expect(missing).toEqual(['ChildrenCache', 'Queue'].filter((name) => !shown.includes(name)));
  });
});
