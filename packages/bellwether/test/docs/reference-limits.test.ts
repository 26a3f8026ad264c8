import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** Names of the constants, and of the fields of those that are objects. */
function limitsIn(source: string): string[] {
  const constants = [...source.matchAll(/^(?:export )?const ([A-Z][A-Z_]+_[A-Z_]+) = [^{\n]/gm)];
  const fields = [...source.matchAll(/^ {2}([a-z]\w*): /gm)];
  return [...constants, ...fields].map(([, name]) => name!);
}

function limitFiles(): string[] {
  const names = readdirSync(new URL('packages/', ROOT), { recursive: true, encoding: 'utf8' });
  const found = names.filter((name) => /^[a-z]+\/src\/(.+\/)?limits\.ts$/.test(name));
  return found.map((name) => `packages/${name}`).sort();
}

describe('the reference of limits', () => {
  const page = read('docs/reference-limits.md');
  const files = limitFiles();

  it('finds the files', () => {
    expect(files).toContain('packages/bellwether/src/server/limits.ts');
    expect(files.length).toBeGreaterThanOrEqual(7);
  });

  it.each(files)('names every limit of %s, in a section of its own', (file) => {
    const section = page.split(/^## /m).find((text) => text.includes(`(\`${file}\`)`)) ?? '';
    const missing = limitsIn(read(file)).filter((name) => !section.includes(`| \`${name}\``));
    expect(missing).toEqual([]);
  });

  it.each(files)('names no limit that %s does not have', (file) => {
    const section = page.split(/^## /m).find((text) => text.includes(`(\`${file}\`)`)) ?? '';
    const named = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
    const known = limitsIn(read(file));
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});
