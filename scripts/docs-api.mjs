// `npm run docs:api`: the reference of what people import, as HTML in docs/api (not committed). Typedoc reads
// TypeScript 6 at most, and we are compiled by 7, which has no API that it could use: so it brings a
// compiler of its own, by npm's cache, and neither is a dependency of the repository.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPEDOC = 'typedoc@0.28.20';
const COMPILER = 'typescript@6.0';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = process.argv[2] ?? join(root, 'docs', 'api');

/** What people import, and from where: a page of the reference for each. */
const MODULES = {
  bellwether: ['packages/bellwether/src/index.ts', 'A program that is itself a cluster.'],
  '@bellwether/client': ['packages/client/src/index.ts', 'The typed ZooKeeper client.'],
  '@bellwether/client/recipes': [
    'packages/client/src/recipes/index.ts',
    'What clients do together: locks, elections, service discovery.',
  ],
  '@bellwether/simulator': [
    'packages/simulator/src/index.ts',
    'Tests of a state machine in a world that breaks, from seeds.',
  ],
  '@bellwether/availability': [
    'packages/availability/src/index.ts',
    'The mathematics of availability.',
  ],
};

const INTRODUCTION = `# Bellwether: the reference

What people import, with everything that its authors have to say about it. Where to begin: \`Cluster\` in
bellwether, \`Client\` in @bellwether/client, \`simulate\` in @bellwether/simulator.
`;

const settings = mkdtempSync(join(tmpdir(), 'bellwether-docs-'));
const entryPoints = Object.entries(MODULES).map(([name, [source, text]], i) => {
  const entry = join(settings, `${i}.ts`);
  writeFileSync(
    entry,
    `/**\n * ${text}\n * @module ${name}\n */\nexport * from '${join(root, source)}';\n`,
  );
  return entry;
});
const tsconfig = join(settings, 'tsconfig.json');
const readme = join(settings, 'readme.md');
writeFileSync(readme, INTRODUCTION);
writeFileSync(
  tsconfig,
  JSON.stringify({
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      ...{ composite: false, declaration: false, declarationMap: false, noEmit: true },
      ...{ allowImportingTsExtensions: true, rewriteRelativeImportExtensions: false },
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
    },
    files: entryPoints,
  }),
);
writeFileSync(
  join(settings, 'typedoc.json'),
  JSON.stringify({
    ...{ entryPoints, tsconfig, out, readme, name: 'Bellwether' },
    ...{ excludePrivate: true, excludeInternal: true, disableSources: true, hideGenerator: true },
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    ...{ treatWarningsAsErrors: true, logLevel: 'Warn' },
  }),
);
try {
  const packages = [`--package=${TYPEDOC}`, `--package=${COMPILER}`];
  const args = ['exec', '--yes', '--prefer-offline', ...packages, '--', 'typedoc'];
  execFileSync('npm', [...args, '--options', join(settings, 'typedoc.json')], {
    cwd: root,
    stdio: 'inherit',
  });
  console.log(`the reference is in ${join(out, 'index.html')}`);
} finally {
  rmSync(settings, { recursive: true });
}
