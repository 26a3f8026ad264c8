import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCaptures, type Exchange } from './capture.ts';

const TESTDATA = fileURLToPath(new URL('testdata/', import.meta.url));

/** Where there are captures. */
export const directories: readonly string[] = readdirSync(TESTDATA).sort();

/** All that a client has sent, in its order, and how it was answered. */
export function exchangesIn(directory: string): Exchange[] {
  const files = readdirSync(join(TESTDATA, directory));
  const texts = files.map((file) => readFileSync(join(TESTDATA, directory, file), 'utf8'));
  return texts.flatMap(parseCaptures).sort((a, b) => a.order - b.order);
}
