import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerPlan, System } from './ensemble.ts';
import { SESSION_TIMEOUT_MS, TICK_TIME_MS } from './limits.ts';
import { SUPER_USER_ID } from './users.ts';

const PACKAGE = fileURLToPath(new URL('../../../packages/bellwether/', import.meta.url));
/** Where `dependency:copy-dependencies` puts what pom.xml names. */
const COPIED_JARS = fileURLToPath(new URL('../target/dependency/', import.meta.url));
/** Where Debian's libzookeeper-java puts it. */
const DEBIAN_JAR = '/usr/share/java/zookeeper.jar';
const ZOOKEEPER_MAIN = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
/** How often servers look for what goes by itself: never, or for those who wait for it. */
export const MORTALS_CHECK_MS = { never: 86_400_000, often: 300 } as const;
export type MortalsChecked = keyof typeof MORTALS_CHECK_MS;
const JAVA_OPTIONS: readonly string[] = [
  '-Xmx512m',
  // Compared is what is answered, not what is on the disk.
  '-Dzookeeper.forceSync=no',
  '-Dzookeeper.extendedTypesEnabled=true',
  // The bytes of a proof are text there.
  '-Dfile.encoding=UTF-8',
];

/** A reason in words when a system can't be run here. */
export type Missing = { readonly missing: string };

/** Bellwether as it is built in this checkout. */
export function findBellwether(mortals: MortalsChecked): System {
  const cli = join(PACKAGE, 'dist', 'cli.js');
  if (!existsSync(cli)) throw new Error(`${cli} is not there: run "npm run build" first`);
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
    version: string;
  };
  return {
    name: 'Bellwether',
    version,
    command: (configFile) => [process.execPath, cli, 'serve', configFile],
    configName: 'zoo.cfg',
    config: (plan) => zooConfig(plan, mortals),
  };
}

/** Apache ZooKeeper: java in the PATH, and the jars from where the README says. */
export function findZooKeeper(mortals: MortalsChecked): System | Missing {
  if (spawnSync('java', ['-version']).status !== 0) return { missing: 'java is not in the PATH' };
  const classpath = findClasspath();
  if (classpath === undefined) {
    return { missing: `${DEBIAN_JAR} is not there and ZOOKEEPER_CLASSPATH is not set` };
  }
  const check = `-Dznode.container.checkIntervalMs=${MORTALS_CHECK_MS[mortals]}`;
  const options = [...JAVA_OPTIONS, check];
  return {
    name: 'ZooKeeper',
    version: zooKeeperVersion(classpath),
    command: (file) => ['java', ...options, '-cp', classpath, ZOOKEEPER_MAIN, file],
    configName: 'zoo.cfg',
    config: (plan) => zooConfig(plan, mortals),
  };
}

function findClasspath(): string | undefined {
  const fromEnvironment = process.env['ZOOKEEPER_CLASSPATH'];
  if (fromEnvironment !== undefined) return fromEnvironment;
  if (existsSync(COPIED_JARS)) return join(COPIED_JARS, '*');
  return existsSync(DEBIAN_JAR) ? DEBIAN_JAR : undefined;
}

/** The same for both. */
function zooConfig(plan: ServerPlan, mortals: MortalsChecked): string {
  const { directory, clientPorts, peerPorts, electionPorts } = plan;
  const lines = [
    `tickTime=${TICK_TIME_MS}`,
    'initLimit=20',
    'syncLimit=20',
    `maxSessionTimeout=${SESSION_TIMEOUT_MS}`,
    `dataDir=${directory}`,
    'maxClientCnxns=0',
    'reconfigEnabled=true',
    'enforceQuota=true',
    'admin.enableServer=false',
    // ZooKeeper takes it as a system property only.
    `znode.container.checkIntervalMs=${MORTALS_CHECK_MS[mortals]}`,
    `DigestAuthenticationProvider.superDigest=${SUPER_USER_ID}`,
  ];
  if (clientPorts.length === 1) {
    const [clientPort] = clientPorts;
    return [...lines, `clientPort=${clientPort!}`, 'clientPortAddress=127.0.0.1'].join('\n');
  }
  const servers = peerPorts.map((port, i) => {
    const client = `127.0.0.1:${clientPorts[i]!}`;
    return `server.${i + 1}=127.0.0.1:${port}:${electionPorts[i]!}:participant;${client}`;
  });
  return [...lines, ...servers].join('\n');
}

function zooKeeperVersion(classpath: string): string {
  const main = 'org.apache.zookeeper.version.VersionInfoMain';
  try {
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
