import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { importsOf } from '../files.ts';
import { ARROWS, checkStructure } from '../structure.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

type Files = Readonly<Record<string, string | object>>;

/** A small repository in which everything is as it should be, but for `files`. */
function repositoryWith(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'bellwether-structure-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const all: Files = {
    'package.json': { devDependencies: { vitest: '4' } },
    'packages/raft/package.json': { name: '@b/raft' },
    'packages/raft/src/tsconfig.json': {},
    'packages/raft/src/index.ts': "export * from './types.ts';\n",
    'packages/storage/package.json': { name: '@b/storage', dependencies: { '@b/raft': '1' } },
    'packages/storage/src/tsconfig.json': { references: [{ path: '../../raft/src' }] },
    'packages/storage/src/index.ts': "import { readFile } from 'node:fs';\nimport '@b/raft';\n",
    'packages/storage/test/a.test.ts':
      "import { test } from 'vitest';\nimport '../src/index.ts';\n",
    'packages/simulator/package.json': {
      name: '@b/simulator',
      dependencies: { '@b/storage': '1' },
    },
    'packages/simulator/src/tsconfig.json': { references: [{ path: '../../storage/src' }] },
    'packages/simulator/src/index.ts': "import type { A } from '@b/storage';\n",
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(
      join(root, name),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  }
  return root;
}

describe('the structure', () => {
  test('of this repository is in order', () => {
    expect(checkStructure(ROOT)).toEqual([]);
  });

  test('of the small one is too', () => {
    expect(checkStructure(repositoryWith({}))).toEqual([]);
  });

  test('every arrow leads to a package that has a place, and none leads back', () => {
    const reach = (id: string): readonly string[] =>
      (ARROWS[id] ?? []).flatMap((next) => [next, ...reach(next)]);
    for (const [id, targets] of Object.entries(ARROWS)) {
      for (const target of targets) expect(Object.keys(ARROWS)).toContain(target);
      expect(reach(id)).not.toContain(id);
      expect(targets).not.toContain('simulator');
    }
  });

  test.each<[string, Files, string]>([
    [
      'an import against the arrows',
      { 'packages/raft/src/index.ts': "\nimport { a } from '@b/storage';\n" },
      'packages/raft/src/index.ts:2: "@b/storage" goes against the arrows: raft must not import storage',
    ],
    [
      'a test that imports the simulator',
      { 'packages/raft/test/a.test.ts': "import '@b/simulator';\n" },
      'packages/raft/test/a.test.ts:1: "@b/simulator" goes against the arrows: raft must not import simulator',
    ],
    [
      'a re-export against the arrows',
      { 'packages/raft/src/index.ts': "export type { A } from '@b/storage';\n" },
      'packages/raft/src/index.ts:1: "@b/storage" goes against the arrows: raft must not import storage',
    ],
    [
      'a dynamic import against the arrows',
      { 'packages/raft/src/index.ts': "const a = await import('@b/storage');\n" },
      'packages/raft/src/index.ts:1: "@b/storage" goes against the arrows: raft must not import storage',
    ],
    [
      'an import that is not declared',
      { 'packages/storage/package.json': { name: '@b/storage' } },
      'packages/storage/src/index.ts:2: "@b/raft" is not among the dependencies in storage/package.json',
    ],
    [
      'a tool of the tests in the sources',
      { 'packages/storage/src/index.ts': "import 'vitest';\n" },
      'packages/storage/src/index.ts:1: "vitest" is not among the dependencies in storage/package.json',
    ],
    [
      'a way into the inside of another package',
      { 'packages/storage/src/index.ts': "import '@b/raft/dist/types.js';\n" },
      'packages/storage/src/index.ts:1: "@b/raft/dist/types.js" reaches into the package: import "@b/raft"',
    ],
    [
      'a relative way out of the package',
      { 'packages/storage/test/a.test.ts': "import '../../raft/src/index.ts';\n" },
      'packages/storage/test/a.test.ts:1: "../../raft/src/index.ts" leaves the package: import it by its name',
    ],
    [
      'sources that import tests',
      { 'packages/storage/src/index.ts': "import '../test/support.ts';\n" },
      'packages/storage/src/index.ts:1: "../test/support.ts" leaves the package: import it by its name',
    ],
    [
      'a test of what was built',
      { 'packages/storage/test/a.test.ts': "import '../dist/index.js';\n" },
      'packages/storage/test/a.test.ts:1: "../dist/index.js" is built: import the source',
    ],
    [
      'Node.js in a pure package',
      { 'packages/raft/src/index.ts': "import 'node:fs';\n" },
      'packages/raft/src/index.ts:1: "node:fs" is not for the pure package raft',
    ],
    [
      'another project in a pure package',
      { 'packages/raft/src/index.ts': "import 'zod';\n" },
      'packages/raft/src/index.ts:1: "zod" is not for the pure package raft',
    ],
    [
      'more types in a pure package',
      { 'packages/raft/src/tsconfig.json': { compilerOptions: { types: ['node'] } } },
      'packages/raft/src/tsconfig.json: "types" would let the pure package raft see more',
    ],
    [
      'a module of Node.js by its short name',
      { 'packages/storage/src/index.ts': "import 'fs';\n" },
      'packages/storage/src/index.ts:1: "fs" is a module of Node.js: write "node:fs"',
    ],
    [
      'an import of a package by itself',
      { 'packages/storage/src/index.ts': "import '@b/storage';\n" },
      'packages/storage/src/index.ts:1: "@b/storage" is the package itself: import the file',
    ],
    [
      'a missing project reference',
      { 'packages/storage/src/tsconfig.json': {} },
      'packages/storage/src/tsconfig.json: "references" lacks raft, which src imports',
    ],
    [
      'a package without a place',
      { 'packages/extra/package.json': { name: '@b/extra' } },
      'packages/extra: the package has no place in ARROWS (scripts/structure.ts)',
    ],
  ])('%s is found', (_name, files, problem) => {
    expect(checkStructure(repositoryWith(files))).toEqual([problem]);
  });

  test('a part that another package offers by name may be imported', () => {
    const files: Files = {
      'packages/raft/package.json': { name: '@b/raft', exports: { '.': 'x', './testing': 'y' } },
      'packages/storage/test/a.test.ts': "import '@b/raft/testing';\n",
    };
    expect(checkStructure(repositoryWith(files))).toEqual([]);
  });

  test('what is for tests may be imported by tests, and by no sources', () => {
    const files = {
      'packages/testbed/package.json': { name: '@b/testbed' },
      'packages/testbed/src/tsconfig.json': {},
      'packages/raft/package.json': {
        name: '@b/raft',
        devDependencies: { '@b/testbed': '1' },
      },
      'packages/raft/test/a.test.ts': "import '@b/testbed';\n",
    };
    expect(checkStructure(repositoryWith(files))).toEqual([]);
    const wrong = { ...files, 'packages/raft/src/index.ts': "import '@b/testbed';\n" };
    expect(checkStructure(repositoryWith(wrong))).toEqual([
      'packages/raft/src/index.ts:1: "@b/testbed" goes against the arrows: raft must not import testbed',
    ]);
  });

  test('an empty repository is not a good one', () => {
    const root = mkdtempSync(join(tmpdir(), 'bellwether-structure-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    writeFileSync(join(root, 'package.json'), '{}');
    expect(checkStructure(root)).toEqual(['there are no packages']);
  });
});

describe('imports', () => {
  test('are found over several lines, and not in comments', () => {
    const source = `import {
  a,
} from './a.ts';
/* import './no.ts'
 */ import './b.ts';
// import './no.ts';
Buffer.from('no');
type Side = 'from' | 'to';
export * from "./c.ts"; // from './no.ts'
`;
    expect(importsOf(source).map(({ specifier, line }) => [specifier, line])).toEqual([
      ['./a.ts', 3],
      ['./b.ts', 5],
      ['./c.ts', 9],
    ]);
  });
});
