import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findZooKeeperClasspath } from './java.ts';

/** The built command line program: the tests run what people run. */
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/**
 * The server under test. INTEROP_SERVER=zookeeper runs the same tests against Apache's own, which
 * shows that they ask for nothing that ZooKeeper itself does not do.
 */
export const SERVER: 'bellwether' | 'zookeeper' =
  process.env['INTEROP_SERVER'] === 'zookeeper' ? 'zookeeper' : 'bellwether';

/** Program and arguments that run one server from a zoo.cfg. */
export function serverCommand(configFile: string): readonly [string, ...string[]] {
  if (SERVER === 'zookeeper') return zooKeeperCommand(configFile);
  if (!existsSync(CLI)) throw new Error(`${CLI} is not there: build first (npm run build)`);
  return [process.execPath, CLI, 'serve', configFile];
}

function zooKeeperCommand(configFile: string): readonly [string, ...string[]] {
  const classpath = findZooKeeperClasspath();
  if (classpath === undefined) throw new Error('INTEROP_SERVER=zookeeper, but no zookeeper jar');
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
  return ['java', '-Xmx256m', '-cp', classpath, main, configFile];
}

/** Lines of zoo.cfg that only the server under test needs. */
export function extraConfig(): readonly string[] {
  return SERVER === 'zookeeper' ? ['admin.enableServer=false', 'extendedTypesEnabled=true'] : [];
}
