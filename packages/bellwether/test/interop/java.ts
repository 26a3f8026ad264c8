import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const DEBIAN_JAR = '/usr/share/java/zookeeper.jar';

/**
 * $ZOOKEEPER_CLASSPATH, or the jar of Debian's libzookeeper-java, whose manifest names the
 * rest.
 */
export function findZooKeeperClasspath(): string | undefined {
  const fromEnvironment = process.env['ZOOKEEPER_CLASSPATH'];
  if (fromEnvironment !== undefined) return fromEnvironment;
  return existsSync(DEBIAN_JAR) ? DEBIAN_JAR : undefined;
}

/** What is missing here to compile and run a Java program with Apache's client, if anything. */
export function findMissingJava(): string | undefined {
  const missing = findMissingPrograms(['javac', 'java']);
  if (missing !== undefined || findZooKeeperClasspath() !== undefined) return missing;
  return `${DEBIAN_JAR} is not there and ZOOKEEPER_CLASSPATH is not set`;
}

export function findMissingPrograms(programs: readonly string[]): string | undefined {
  const missing = programs.find((program) => spawnSync(program, ['-version']).status !== 0);
  return missing === undefined ? undefined : `${missing} is not in the PATH`;
}
