import { readFileSync } from 'node:fs';

/** As it stands in package.json. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const manifest = JSON.parse(text) as { readonly version: string };
  return manifest.version;
}
