import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly description?: string;
  readonly license?: string;
  readonly repository?: unknown;
  readonly type?: string;
  readonly private?: boolean;
  readonly sideEffects?: unknown;
  readonly engines?: { readonly node?: string };
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: Readonly<
    Record<string, string | { readonly types: string; readonly default: string }>
  >;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export const manifestOf = (directory: string): Manifest =>
  JSON.parse(readFileSync(join(ROOT, 'packages', directory, 'package.json'), 'utf8')) as Manifest;

/** Names of the directories of what is published. */
export const PACKAGES = readdirSync(join(ROOT, 'packages')).filter(
  (directory) => manifestOf(directory).private !== true,
);

const run = promisify(execFile);
const NPM = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

/** What a program printed; rejects with all of it when it fails. */
export async function output(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const { stdout } = await run(command, args, { cwd, env: { ...process.env, ...env } });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}`, {
      cause: error,
    });
  }
}

/** A directory with nothing in it but what is installed and written there. */
export class EmptyProject {
  readonly directory = mkdtempSync(join(tmpdir(), 'bellwether-packages-'));

  constructor(manifest: object = { type: 'module', private: true }) {
    this.write('package.json', JSON.stringify(manifest));
  }

  write(name: string, content: string): void {
    writeFileSync(join(this.directory, name), content);
  }

  /** Installs tarballs, or packages of the registry. */
  async install(...packages: readonly string[]): Promise<void> {
    await output('npm', ['install', ...NPM, ...packages], this.directory);
  }

  /** Runs a program of this project with Node.js; `node` is another one's path. */
  run(file: string, node: string = process.execPath): Promise<string> {
    return output(node, [file], this.directory);
  }

  npx(...args: readonly string[]): Promise<string> {
    return output('npx', ['--no-install', ...args], this.directory);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Packs everything that is published; returns the tarballs by name of the package. */
export async function packAll(destination: string): Promise<ReadonlyMap<string, string>> {
  const names = PACKAGES.map((directory) => manifestOf(directory).name);
  const workspaces = names.flatMap((name) => ['-w', name]);
  await output('npm', ['pack', ...workspaces, '--pack-destination', destination], ROOT);
  const fileOf = (name: string): string => `${name.replace('@', '').replace('/', '-')}-0.1.0.tgz`;
  return new Map(names.map((name) => [name, join(destination, fileOf(name))]));
}
