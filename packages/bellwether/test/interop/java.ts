import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where interop/crosscheck/pom.xml puts a ZooKeeper. */
const COPIED_JARS = fileURLToPath(
  new URL('../../../../interop/crosscheck/target/dependency/', import.meta.url),
);
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

/** The newest ZooKeeper that is here: what interop/crosscheck compares with, or the one above. */
export function findReferenceClasspath(): string | undefined {
  const isCopied = process.env['ZOOKEEPER_CLASSPATH'] === undefined && existsSync(COPIED_JARS);
  return isCopied ? join(COPIED_JARS, '*') : findZooKeeperClasspath();
}

/** What is missing here to compile and run a Java program with Apache's client, if anything. */
export function findMissingJava(): string | undefined {
  const missing = findMissingPrograms(['javac', 'java']);
  if (missing !== undefined || findZooKeeperClasspath() !== undefined) return missing;
  return `${DEBIAN_JAR} is not there and ZOOKEEPER_CLASSPATH is not set`;
}

/** The same for a ZooKeeper 3.9 with its admin server. */
export function findMissingAdminServer(): string | undefined {
  if (!existsSync(COPIED_JARS)) return `${COPIED_JARS} is not there`;
  return findMissingPrograms(['java']);
}

export function findMissingPrograms(programs: readonly string[]): string | undefined {
  const missing = programs.find((program) => spawnSync(program, ['-version']).status !== 0);
  return missing === undefined ? undefined : `${missing} is not in the PATH`;
}
