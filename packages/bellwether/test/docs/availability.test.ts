import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../support/outcome.ts';
import { scratchDirectory } from '../support/scratch.ts';

const DOCS = fileURLToPath(new URL('../../../../docs/', import.meta.url));
const PAGE = join(DOCS, 'availability.md');
const PLOTS = join(DOCS, 'availability');
const BLOCK = /```console\n\$ bellwether ([^\n]+)\n([^]*?)```/g;
/** REWRITE=1 writes what the tool says now into the page and its plots. */
const REWRITE = process.env['REWRITE'] === '1';

/** The list of assumptions at the end is in the page only as a word. */
async function outputOf(command: string): Promise<string> {
  const { code, out } = await outcomeOf(...command.split(' '));
  expect(code).toBe(0);
  return out.replace(/\noption +value[^]*$/, '');
}

describe('the page about availability', () => {
  const commands = [...readFileSync(PAGE, 'utf8').matchAll(BLOCK)].map(([, command]) => command!);

  it('shows commands', () => {
    expect(commands.length).toBeGreaterThanOrEqual(2);
  });

  it.each(commands)('shows what "%s" says', async (command) => {
    const output = await outputOf(command);
    const page = readFileSync(PAGE, 'utf8');
    const shown = [...page.matchAll(BLOCK)].find(([, each]) => each === command)![2]!;
    if (!REWRITE) return expect(shown).toBe(output);
    const block = (text: string): string => `$ bellwether ${command}\n${text}\`\`\``;
    writeFileSync(
      PAGE,
      page.replace(block(shown), () => block(output)),
    );
  });

  it('has the plots of its example', async () => {
    const directory = REWRITE ? PLOTS : scratchDirectory();
    const { code } = await outcomeOf(...commands[0]!.split(' '), '--plots', directory);
    expect(code).toBe(0);
    const names = readdirSync(PLOTS).sort();
    expect(names).toEqual(['failover.svg', 'heartbeat.svg', 'nodes.svg', 'repair.svg']);
    for (const name of names) {
      const drawn = readFileSync(join(directory, name), 'utf8');
      expect(readFileSync(join(PLOTS, name), 'utf8')).toBe(drawn);
      expect(readFileSync(PAGE, 'utf8')).toContain(`(availability/${name})`);
    }
  });
});
