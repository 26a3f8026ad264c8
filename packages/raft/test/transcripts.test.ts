import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Transcript } from './support/transcript.ts';

const DIRECTORY = join(import.meta.dirname, 'testdata');
const SEPARATOR = '----';

interface Block {
  readonly commands: readonly string[];
  readonly expected: readonly string[];
}

/** Blocks are separated by empty lines; one without a separator holds comments only. */
function parse(content: string): readonly Block[] {
  return content
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => {
      const lines = paragraph.split('\n');
      const end = lines.indexOf(SEPARATOR);
      if (end === -1) return { commands: lines, expected: [] };
      return { commands: lines.slice(0, end), expected: lines.slice(end + 1) };
    });
}

function replay(block: Block, transcript: Transcript): Block {
  const printed = block.commands
    .filter((line) => !line.startsWith('#'))
    .flatMap((command) => transcript.run(command));
  return { commands: block.commands, expected: printed };
}

function render(block: Block): string {
  if (block.commands.every((line) => line.startsWith('#'))) return block.commands.join('\n');
  return [...block.commands, SEPARATOR, ...block.expected].join('\n');
}

describe('transcripts', () => {
  for (const file of readdirSync(DIRECTORY).filter((name) => name.endsWith('.txt'))) {
    it(`${file} goes as it is written (REWRITE=1 writes it anew)`, () => {
      const path = join(DIRECTORY, file);
      const content = readFileSync(path, 'utf8');
      const transcript = new Transcript();
      const actual = parse(content).map((block) => replay(block, transcript));
      const rendered = `${actual.map(render).join('\n\n')}\n`;
      if (process.env['REWRITE'] === '1') writeFileSync(path, rendered);
      else expect(rendered).toBe(content);
    });
  }
});
