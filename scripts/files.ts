import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SKIPPED: ReadonlySet<string> = new Set(['dist', 'node_modules', 'testdata']);

/** Names of the directories in `directory`, sorted. */
export function directoriesIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !SKIPPED.has(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** Paths of all TypeScript files below `directory`, sorted. */
export function sourcesBelow(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourcesBelow(path);
      return entry.name.endsWith('.ts') ? [path] : [];
    })
    .sort();
}

export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8')) as unknown;
}

/** What a source file imports or re-exports, with the line, types included. */
export interface ImportedModule {
  readonly specifier: string;
  readonly line: number;
}

/** `from 'x'`, `import 'x'`, `import('x')`; not `Buffer.from('x')` or the text `'from'`. */
const IMPORT = /(?:(?<=[\s}*])from\s*|(?<![\w.'"`])import\s*\(?\s*)(['"])([^'"\n]+)\1/g;

export function importsOf(source: string): readonly ImportedModule[] {
  const code = withoutComments(source);
  return Array.from(code.matchAll(IMPORT), (match) => {
    return { specifier: match[2] ?? '', line: code.slice(0, match.index).split('\n').length };
  });
}

/** Lines keep their numbers. A `//` within a string ends the line too, which hides no import. */
function withoutComments(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/^(\s*)\/\/.*$/gm, '$1')
    .replace(/\s\/\/.*$/gm, '');
}
