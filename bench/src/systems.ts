import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askMode } from '@bellwether/testbed';
import type { System } from './ensemble.ts';
import { zooConfig } from './zoo-config.ts';

const PACKAGE = fileURLToPath(new URL('../../packages/bellwether/', import.meta.url));
/** Where Debian puts libzookeeper-java. */
const JAVA_LIBRARIES = '/usr/share/java';
const ZOOKEEPER_MAIN = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
const HEAP_OPTION = '-Xmx1g';

/** Bellwether as it is built in this checkout. */
export function findBellwether(): System {
  const cli = join(PACKAGE, 'dist', 'cli.js');
  if (!existsSync(cli)) throw new Error(`${cli} is not there: run "npm run build" first`);
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
    version: string;
  };
  return {
    name: 'Bellwether',
    version,
    command: (configFile) => [process.execPath, cli, 'serve', configFile],
    config: (plan) => zooConfig(plan, [`admin.serverPort=${plan.adminPort}`]),
    roleOf: askMode,
  };
}

/** A reason in words when Apache ZooKeeper can't be run here. */
export type Missing = { readonly missing: string };

/**
 * Apache ZooKeeper: java in the PATH, the jar from $ZOOKEEPER_CLASSPATH or as Debian installs
 * it.
 */
export function findZooKeeper(): System | Missing {
  if (spawnSync('java', ['-version']).status !== 0) return { missing: 'java is not in the PATH' };
  const classpath = process.env['ZOOKEEPER_CLASSPATH'] ?? findJar();
  if (classpath === undefined) {
    return { missing: `no zookeeper jar in ${JAVA_LIBRARIES}, and ZOOKEEPER_CLASSPATH is not set` };
  }
  return {
    name: 'ZooKeeper',
    version: zooKeeperVersion(classpath),
    command: (configFile) => ['java', HEAP_OPTION, '-cp', classpath, ZOOKEEPER_MAIN, configFile],
    config: (plan) => {
      return zooConfig(plan, ['admin.enableServer=false', '4lw.commands.whitelist=*']);
    },
    roleOf: askMode,
  };
}

function findJar(): string | undefined {
  if (!existsSync(JAVA_LIBRARIES)) return undefined;
  const jars = readdirSync(JAVA_LIBRARIES).filter((name) =>
    /^zookeeper(-\d[\d.]*)?\.jar$/.test(name),
  );
  const newest = jars.sort().at(-1);
  return newest === undefined ? undefined : join(JAVA_LIBRARIES, newest);
}

function zooKeeperVersion(classpath: string): string {
  try {
    const main = 'org.apache.zookeeper.version.VersionInfoMain';
    const text = execFileSync('java', ['-cp', classpath, main], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /version:? (\d+\.\d+\.\d+)/.exec(text)?.[1] ?? 'of unknown version';
  } catch {
    const jar = classpath.split(delimiter).find((entry) => entry.includes('zookeeper'));
    return /-(\d+\.\d+\.\d+)\.jar$/.exec(jar ?? '')?.[1] ?? 'of unknown version';
  }
}
