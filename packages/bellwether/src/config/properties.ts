import type { Findings, Place } from './findings.ts';

/** One `key=value` of a properties file. */
export interface Property {
  readonly key: string;
  readonly value: string;
  readonly place: Place;
  readonly valuePlace: Place;
}

interface LogicalLine {
  readonly text: string;
  readonly line: number;
  /** Width of what was cut off in front of `text`. */
  readonly indent: number;
}

const SEPARATOR = /^((?:\\.|[^\\=:\s])*)(\s*[=:]\s*|\s+|$)/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

/**
 * Reads Java's properties format, which ZooKeeper's configuration is written in: `#` and `!` start
 * a comment, a key ends at `=`, `:` or white space, a backslash escapes or, at the end of a line,
 * continues it. A key that is there twice is warned about; its last value holds, as in Java.
 */
export function readProperties(text: string, file: string, findings: Findings): Property[] {
  const byKey = new Map<string, Property>();
  for (const line of logicalLines(text)) {
    const property = readProperty(line, file);
    const earlier = byKey.get(property.key);
    if (earlier !== undefined) {
      const what = `${property.key} is written twice (before in line ${earlier.place.line})`;
      findings.warn(property.place, what, `this one holds, "${property.value}"`);
    }
    byKey.set(property.key, property);
  }
  return [...byKey.values()];
}

function readProperty(line: LogicalLine, file: string): Property {
  const match = SEPARATOR.exec(line.text);
  const rawKey = match?.[1] ?? line.text;
  const width = match?.[0].length ?? line.text.length;
  const place = { file, line: line.line, column: line.indent + 1 };
  return {
    key: unescaped(rawKey),
    value: unescaped(line.text.slice(width)).trim(),
    place,
    valuePlace: { ...place, column: place.column + width },
  };
}

/** Lines joined with their continuations, without comments and empty ones. */
function* logicalLines(text: string): Generator<LogicalLine> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (let number = 0; number < lines.length; number++) {
    const start = lines[number] ?? '';
    const indent = start.length - start.trimStart().length;
    let joined = start.trimStart();
    if (joined === '' || joined.startsWith('#') || joined.startsWith('!')) continue;
    const line = number + 1;
    while (isContinued(joined)) {
      number += 1;
      joined = joined.slice(0, -1) + (lines[number] ?? '').trimStart();
    }
    yield { text: joined, line, indent };
  }
}

/** Ends in an odd number of backslashes. */
function isContinued(line: string): boolean {
  const backslashes = /\\*$/.exec(line)?.[0].length ?? 0;
  return backslashes % 2 === 1;
}

function unescaped(text: string): string {
  return text.replace(/\\(u[0-9A-Fa-f]{4}|.)/g, (_all, escape: string) => {
    if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return ESCAPES[escape] ?? escape;
  });
}
