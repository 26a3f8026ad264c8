import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** These tests also run compiled, from another folder. */
function findRoot(directory: string): string {
  const isRoot = existsSync(join(directory, 'package-lock.json'));
  return isRoot ? directory : findRoot(dirname(directory));
}

export const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));
const CLI = join(ROOT, 'packages', 'bellwether', 'dist', 'cli.js');
const DEBIAN_JAR = '/usr/share/java/zookeeper.jar';
/** Where Maven puts a ZooKeeper 3.9 for other tests; see interop/crosscheck/README.md. */
const MAVEN_DIRECTORY = join(ROOT, 'interop', 'crosscheck', 'target', 'dependency');

/** Servers that the client is tested with. */
export interface System {
  readonly name: string;
  /** Of ZooKeeper, whose operations it has: 3.5, 3.9, ... */
  readonly version: number;
  /** What is not there, in words. */
  readonly missing: string | undefined;
  /** Program and arguments that run one server from a zoo.cfg. */
  readonly command: (configFile: string) => readonly [string, ...string[]];
  readonly extraConfig: readonly string[];
}

function bellwether(): System {
  return {
    name: 'Bellwether',
    version: 3.9,
    missing: existsSync(CLI) ? undefined : 'packages/bellwether is not built',
    command: (configFile) => [process.execPath, CLI, 'serve', configFile],
    extraConfig: [],
  };
}

function zooKeeper(version: string, classpath: string | undefined, howToGet: string): System {
  const hasJava = spawnSync('java', ['-version']).status === 0;
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
  const options = ['-Xmx192m', '-Dzookeeper.extendedTypesEnabled=true'];
  return {
    name: `ZooKeeper ${version}`,
    version: Number(/^\d+\.\d+/.exec(version)?.[0]),
    missing: !hasJava ? 'no java in the PATH' : classpath === undefined ? howToGet : undefined,
    command: (configFile) => ['java', ...options, '-cp', classpath ?? '', main, configFile],
    extraConfig: ['admin.enableServer=false'],
  };
}

function findMavenClasspath(): string | undefined {
  return existsSync(MAVEN_DIRECTORY) ? join(MAVEN_DIRECTORY, '*') : undefined;
}

/** Others that somebody has got: see interop/zookeeper/pom.xml. */
function findOtherVersions(): readonly System[] {
  const directory = join(ROOT, 'interop', 'zookeeper', 'target');
  const versions = existsSync(directory) ? readdirSync(directory).toSorted() : [];
  return versions.map((version) => zooKeeper(version, join(directory, version, '*'), ''));
}

/** What is missing is named in the title of the tests that are skipped for it. */
export const SYSTEMS: readonly System[] = [
  bellwether(),
  zooKeeper('3.8', existsSync(DEBIAN_JAR) ? DEBIAN_JAR : undefined, `no ${DEBIAN_JAR}`),
  zooKeeper(
    '3.9',
    process.env['ZOOKEEPER_CLASSPATH'] ?? findMavenClasspath(),
    'no jars of 3.9: mvn -q -B -f interop/crosscheck/pom.xml dependency:copy-dependencies',
  ),
  ...findOtherVersions(),
];

export function titleOf({ name, missing }: System): string {
  return missing === undefined ? name : `${name} (skipped: ${missing})`;
}
