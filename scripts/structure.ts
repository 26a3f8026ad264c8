import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';
import { directoriesIn, type ImportedModule, importsOf, readJson, sourcesBelow } from './files.ts';

/** Which packages each package may import; docs/ARCHITECTURE.md says why. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  raft: [],
  storage: ['raft'],
  cluster: ['raft', 'storage'],
  protocol: [],
  coordination: ['protocol'],
  client: ['protocol'],
  availability: [],
  bellwether: ['raft', 'storage', 'cluster', 'protocol', 'coordination', 'availability', 'client'],
  simulator: ['raft', 'storage', 'cluster', 'protocol', 'coordination', 'bellwether', 'client'],
  testbed: [],
};

/** The tests of every package may import these, and the sources of none. */
const FOR_TESTS: ReadonlySet<string> = new Set(['testbed']);

/** No I/O, no clock, no randomness: nothing but the language itself. */
const PURE: ReadonlySet<string> = new Set(['raft', 'protocol', 'coordination', 'availability']);

interface Manifest {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

interface Package {
  /** The name of its directory. */
  readonly id: string;
  readonly directory: string;
  readonly manifest: Manifest;
  /** Of the root, which tests may use too. */
  readonly rootManifest: Manifest;
}

interface Import extends ImportedModule {
  readonly file: string;
  readonly part: 'src' | 'test';
}

/**
 * Looks for imports that break the order of the house.
 *
 * @param root the repository
 * @returns a sentence for each, beginning with `file:line`; none when all is well
 */
export function checkStructure(root: string): readonly string[] {
  const rootManifest = readJson(join(root, 'package.json')) as Manifest;
  const ids = directoriesIn(join(root, 'packages'));
  const packages = ids.map((id): Package => {
    const directory = resolve(root, 'packages', id);
    const manifest = readJson(join(directory, 'package.json')) as Manifest;
    return { id, directory, manifest, rootManifest };
  });
  if (packages.length === 0) return ['there are no packages'];
  const problems = packages.flatMap((each) => checkPackage(each, packages));
  const prefix = resolve(root) + sep;
  return problems.map((problem) => problem.replace(prefix, ''));
}

function checkPackage(checked: Package, packages: readonly Package[]): readonly string[] {
  if (ARROWS[checked.id] === undefined) {
    return [`${checked.directory}: the package has no place in ARROWS (scripts/structure.ts)`];
  }
  const imports = [...importsIn(checked, 'src'), ...importsIn(checked, 'test')];
  return [
    ...imports.flatMap((imported) => {
      const problem = checkImport(imported, checked, packages);
      return problem === undefined
        ? []
        : [`${imported.file}:${imported.line}: "${imported.specifier}" ${problem}`];
    }),
    ...checkReferences(checked, imports, packages),
    ...checkPurity(checked),
  ];
}

function importsIn(checked: Package, part: Import['part']): readonly Import[] {
  return sourcesBelow(join(checked.directory, part)).flatMap((file) =>
    importsOf(readFileSync(file, 'utf8')).map((imported) => ({ ...imported, file, part })),
  );
}

function checkImport(
  imported: Import,
  checked: Package,
  packages: readonly Package[],
): string | undefined {
  const { specifier } = imported;
  if (specifier.startsWith('.')) return checkRelative(imported, checked);
  if (specifier.startsWith('node:')) return checkBuiltin(imported, checked);
  if (builtinModules.includes(specifier))
    return `is a module of Node.js: write "node:${specifier}"`;
  const target = packages.find(({ manifest }) => isOf(specifier, manifest.name ?? ''));
  return target ? checkArrow(imported, checked, target) : checkThirdParty(imported, checked);
}

function checkRelative({ file, part, specifier }: Import, checked: Package): string | undefined {
  const target = resolve(dirname(file), specifier);
  const home = part === 'src' ? join(checked.directory, 'src') : checked.directory;
  if (!target.startsWith(home + sep)) return 'leaves the package: import it by its name';
  if (target.startsWith(join(checked.directory, 'dist') + sep))
    return 'is built: import the source';
  return undefined;
}

function checkBuiltin({ part }: Import, { id }: Package): string | undefined {
  return part === 'src' && PURE.has(id) ? `is not for the pure package ${id}` : undefined;
}

function checkArrow(imported: Import, checked: Package, target: Package): string | undefined {
  const { name = '' } = target.manifest;
  if (!isExported(imported.specifier, target)) return `reaches into the package: import "${name}"`;
  if (target.id === checked.id) {
    // A test may use its package as everybody does: built, by its name.
    return imported.part === 'src' ? 'is the package itself: import the file' : undefined;
  }
  const isForTests = imported.part === 'test' && FOR_TESTS.has(target.id);
  if (!isForTests && !(ARROWS[checked.id] ?? []).includes(target.id)) {
    return `goes against the arrows: ${checked.id} must not import ${target.id}`;
  }
  return checkDeclared(name, imported, checked);
}

/** The package itself, or a part of it that its package.json offers by name. */
function isExported(specifier: string, { manifest }: Package): boolean {
  const path = `.${specifier.slice(manifest.name?.length)}`;
  return path === '.' || manifest.exports?.[path] !== undefined;
}

function checkThirdParty(imported: Import, checked: Package): string | undefined {
  const { specifier, part } = imported;
  if (part === 'src' && PURE.has(checked.id)) return `is not for the pure package ${checked.id}`;
  const depth = specifier.startsWith('@') ? 2 : 1;
  return checkDeclared(specifier.split('/').slice(0, depth).join('/'), imported, checked);
}

function checkDeclared(name: string, { part }: Import, checked: Package): string | undefined {
  const { manifest, rootManifest } = checked;
  if (manifest.dependencies?.[name] !== undefined) return undefined;
  const forTests = { ...manifest.devDependencies, ...rootManifest.devDependencies };
  if (part === 'test' && forTests[name] !== undefined) return undefined;
  return `is not among the dependencies in ${checked.id}/package.json`;
}

/** Without the reference `tsc -b` may compile against an outdated build of the other package. */
function checkReferences(
  checked: Package,
  imports: readonly Import[],
  packages: readonly Package[],
): readonly string[] {
  const file = join(checked.directory, 'src', 'tsconfig.json');
  if (!existsSync(file)) return [`${file}: it is missing`];
  const { references = [] } = readJson(file) as { references?: readonly { path: string }[] };
  const referenced = new Set(references.map(({ path }) => resolve(dirname(file), path)));
  const imported = imports.filter(({ part }) => part === 'src').map(({ specifier }) => specifier);
  return packages
    .filter(({ id }) => (ARROWS[checked.id] ?? []).includes(id))
    .filter(({ manifest }) => imported.some((specifier) => isOf(specifier, manifest.name ?? '')))
    .filter(({ directory }) => !referenced.has(join(directory, 'src')))
    .map(({ id }) => `${file}: "references" lacks ${id}, which src imports`);
}

/** The compiler keeps a package pure as long as nobody gives it more than the language. */
function checkPurity(checked: Package): readonly string[] {
  if (!PURE.has(checked.id)) return [];
  const file = join(checked.directory, 'src', 'tsconfig.json');
  const { compilerOptions = {} } = readJson(file) as { compilerOptions?: Record<string, unknown> };
  return ['lib', 'types', 'typeRoots']
    .filter((option) => option in compilerOptions)
    .map((option) => `${file}: "${option}" would let the pure package ${checked.id} see more`);
}

function isOf(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`);
}
