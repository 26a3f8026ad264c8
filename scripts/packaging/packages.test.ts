import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CONSUMERS, PROGRAMS, TYPED_PROGRAM } from './programs.ts';
import {
  EmptyProject,
  manifestOf,
  output,
  packAll,
  PACKAGES,
  ROOT,
  type Manifest,
} from './project.ts';

/** The newest line of Node.js that has to work, besides the one that runs this. */
const OTHER_NODE = '24';
/** The compiler that most people have, besides the one that compiles us. */
const OTHER_TYPESCRIPT = '5.9';

const tarballs = mkdtempSync(join(tmpdir(), 'bellwether-tarballs-'));
const project = new EmptyProject();
let packed: ReadonlyMap<string, string> = new Map();

beforeAll(async () => {
  packed = await packAll(tarballs);
  await project.install(...packed.values());
  for (const [name, program] of Object.entries(PROGRAMS)) project.write(name, program);
});

afterAll(() => {
  project.remove();
  rmSync(tarballs, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server of the installed package, from a zoo.cfg; resolves with its port when it serves. */
async function serve(): Promise<number> {
  const port = await freePort();
  project.write('zoo.cfg', `tickTime=2000\ndataDir=${tarballs}/data-${port}\nclientPort=${port}\n`);
  const cli = join(project.directory, 'node_modules', '.bin', 'bellwether');
  const server = spawn(cli, ['serve', 'zoo.cfg'], { cwd: project.directory });
  onTestFinished(() => void server.kill('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    const hear = (text: Buffer): void => {
      said += String(text);
      if (said.includes('leader') || said.includes('serving')) resolve();
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.once('exit', () => reject(new Error(`the server has ended: ${said}`)));
  });
  return port;
}

/** The path of another Node.js; undefined where it can't be had. */
async function otherNode(): Promise<string | undefined> {
  const other = new EmptyProject();
  afterAll(() => other.remove());
  try {
    await other.install(`node@${OTHER_NODE}`);
    return join(other.directory, 'node_modules', 'node', 'bin', 'node');
  } catch (error) {
    console.warn(
      `Node.js ${OTHER_NODE} is not tried: ${String(error).split('\n').slice(0, 3).join(' ')}`,
    );
    return undefined;
  }
}

describe.each(PACKAGES)('the package %s', (directory) => {
  const manifest = manifestOf(directory);
  const installed = (): string =>
    join(project.directory, 'node_modules', ...manifest.name.split('/'));

  it('says what it is, and for which Node.js', () => {
    expect(manifest).toMatchObject({ type: 'module', license: 'Apache-2.0' });
    expect(manifest.engines?.node).toBe('>=20.19');
    expect(manifest.description).not.toBe('');
    expect(manifest.repository).toBeUndefined();
    expect(manifest.sideEffects).toBeDefined();
  });

  it('holds what it promises, its license, and nothing else', () => {
    const files = readdirSync(installed(), { recursive: true, encoding: 'utf8' });
    const ofTopLevel = files.filter((file) => !file.includes('/') && file !== 'node_modules');
    expect(ofTopLevel.sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json', 'src']);
    expect(files.filter((file) => /\.tsbuildinfo$|tsconfig|\.test\./.test(file))).toEqual([]);
    for (const file of promisedBy(manifest)) expect(files).toContain(file.replace('./', ''));
    const built = files.filter((file) => file.startsWith('dist/') && file.endsWith('.js'));
    const sources = built.map((file) => file.replace('dist/', 'src/').replace(/js$/, 'ts'));
    expect(sources.filter((file) => !files.includes(file))).toEqual([]);
    for (const file of files.filter((name) => /\.(js|ts|json|md)$/.test(name))) {
      expect(readFileSync(join(installed(), file), 'utf8')).not.toContain(ROOT);
    }
  });
});

function promisedBy({ exports, bin = {} }: Manifest): readonly string[] {
  const exported = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : [entry.types, entry.default],
  );
  return [...exported, ...Object.values(bin)];
}

describe('in an empty project', () => {
  it.each(['mjs', 'cjs'])('a program (.%s) is a cluster itself', async (extension) => {
    expect(await project.run(`embedded.${extension}`)).toBe('42 42\n');
  });

  it.each(['mjs', 'cjs'])('a program (.%s) simulates its state machine', async (extension) => {
    expect(await project.run(`simulation.${extension}`)).toBe('2\n');
  });

  it('a server serves clients, by import and by require', async () => {
    const port = String(await serve());
    const { directory } = project;
    for (const file of ['client.mjs', 'client.cjs']) {
      const printed = await output(process.execPath, [file], directory, { CLIENT_PORT: port });
      expect(printed).toBe('one held\n');
    }
  });

  it('the commands say what they are', async () => {
    expect(await project.npx('bellwether', '--version')).toMatch(/^0\.1\.0/);
    expect(await project.npx('bellwether-simulate', '--help')).toMatch(/^simulate:/);
  });
});

describe(`with Node.js ${OTHER_NODE}`, async () => {
  const node = await otherNode();

  it.skipIf(node === undefined)('the same programs run', async () => {
    expect(await output(node!, ['--version'], project.directory)).toMatch(`v${OTHER_NODE}.`);
    for (const extension of ['mjs', 'cjs']) {
      expect(await project.run(`embedded.${extension}`, node)).toBe('42 42\n');
      expect(await project.run(`simulation.${extension}`, node)).toBe('2\n');
    }
    const port = String(await serve());
    const { directory } = project;
    expect(await output(node!, ['client.cjs'], directory, { CLIENT_PORT: port })).toBe(
      'one held\n',
    );
  });
});

describe('a strict TypeScript project', () => {
  const typed = new EmptyProject();

  beforeAll(async () => {
    const types = join(ROOT, 'node_modules', '@types', 'node');
    await typed.install(...packed.values(), types, `typescript@${OTHER_TYPESCRIPT}`);
  });

  afterAll(() => typed.remove());

  const compilers = [
    ['ours', ROOT],
    [OTHER_TYPESCRIPT, typed.directory],
  ] as const;

  describe.each(compilers)('with TypeScript %s', (_version, place) => {
    it.each(CONSUMERS)('compiles by the rules of $name', async (consumer) => {
      const { name, file, module, moduleResolution, checks } = consumer;
      typed.write(file, TYPED_PROGRAM);
      const compilerOptions = {
        ...{ module, moduleResolution, target: 'es2022', lib: ['es2023'], types: ['node'] },
        ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
        // Once, our own declarations too, as a project has it that checks its libraries.
        ...{ skipLibCheck: checks !== 'all', noEmit: true },
      };
      typed.write(`tsconfig.${name}.json`, JSON.stringify({ compilerOptions, files: [file] }));
      const tsc = join(place, 'node_modules', 'typescript', 'bin', 'tsc');
      await output(process.execPath, [tsc, '-p', `tsconfig.${name}.json`], typed.directory);
    });
  });
});

describe('a bundle', () => {
  async function bundle(program: string): Promise<string> {
    project.write('entry.mjs', program);
    const built = await rolldown({
      input: join(project.directory, 'entry.mjs'),
      platform: 'node',
      logLevel: 'silent',
    });
    const { output: chunks } = await built.generate({ minify: true });
    return chunks.map((chunk) => ('code' in chunk ? chunk.code : '')).join('');
  }

  it('of a part of the client holds that part', async () => {
    const recipes = await bundle(`export * from '@bellwether/client/recipes';`);
    const client = await bundle(`export { Client } from '@bellwether/client';`);
    const helper = await bundle(`export { joinPath } from '@bellwether/client';`);
    expect(helper.length).toBeLessThan(2_000);
    expect(recipes).toContain('fencingToken');
    expect(client).not.toContain('fencingToken');
    expect(client.length).toBeLessThan(80_000);
  });
});
