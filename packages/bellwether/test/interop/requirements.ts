import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMissingJava, findMissingPrograms } from './java.ts';

/** Our own programs that drive other people's clients. */
export const PROGRAMS = fileURLToPath(new URL('../../../../interop/', import.meta.url));

const ZKCLI = process.env['ZKCLI'] ?? '/usr/share/zookeeper/bin/zkCli.sh';
const CLI_MT = process.env['CLI_MT'] ?? '/usr/lib/zookeeper/bin/cli_mt';
const VENV_PYTHON = join(PROGRAMS, 'kazoo', '.venv', 'bin', 'python');
const KAFKA_JARS = join(PROGRAMS, 'kafka', 'target', 'dependency');
const CURATOR_JARS = join(PROGRAMS, 'curator', 'target', 'dependency');

/** Something that a test needs and that this project does not install. */
export interface Requirement {
  readonly name: string;
  /** Undefined when it is there. */
  readonly missing: string | undefined;
  /** The command that gets it. */
  readonly howToGet: string;
}

/** Whether the long suites run too, which `npm run test:interop` asks for. */
export const RUNS_ALL = process.env['INTEROP'] === 'all';

function isThere(file: string, variable: string): string | undefined {
  return existsSync(file) ? undefined : `${file} is not there, ${variable} is not set`;
}

/** A python3 that can import all of these modules. */
function findPython(candidates: readonly string[], modules: string): string | undefined {
  return candidates.find((program) => spawnSync(program, ['-c', `import ${modules}`]).status === 0);
}

/** A distribution's python3 has the distribution's kazoo, which another one in the PATH may hide. */
export const kazooPython = findPython(
  [process.env['PYTHON'] ?? 'python3', '/usr/bin/python3', VENV_PYTHON],
  'kazoo',
);

/** One that has kazoo with its tests, and what they need. */
export const kazooSuitePython = findPython(
  [process.env['KAZOO_PYTHON'] ?? VENV_PYTHON],
  'kazoo.tests, pytest, pytest_timeout, puresasl, jks, OpenSSL, objgraph, gevent, eventlet',
);

/** Java's class path of Curator and ZooKeeper's client. */
export const curatorClasspath =
  process.env['CURATOR_CLASSPATH'] ??
  (hasFiles(CURATOR_JARS) ? join(CURATOR_JARS, '*') : undefined);

/** Java's class path of Kafka, its broker and its tools. */
export const kafkaClasspath =
  process.env['KAFKA_CLASSPATH'] ?? (hasFiles(KAFKA_JARS) ? join(KAFKA_JARS, '*') : undefined);

function hasFiles(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).length > 0;
}

export const zkCli = { program: ZKCLI, ...requirement('zkCli.sh', 'zookeeper', zkCliMissing()) };
export const cliMt = {
  program: CLI_MT,
  ...requirement('C client (cli_mt)', 'zookeeper-bin', isThere(CLI_MT, 'CLI_MT')),
};
export const java = requirement(
  "Apache's Java client",
  'default-jdk-headless libzookeeper-java',
  findMissingJava(),
);
export const kazoo = requirement(
  'kazoo',
  'python3-kazoo',
  kazooPython === undefined ? 'no python3 that can import kazoo' : undefined,
);

export const kazooSuite: Requirement = {
  name: "kazoo's own tests",
  missing:
    kazooSuitePython === undefined ? 'no Python with kazoo.tests and their needs' : undefined,
  howToGet:
    'python3 -m venv interop/kazoo/.venv && ' +
    'interop/kazoo/.venv/bin/pip install -r interop/kazoo/requirements.txt',
};

export const curator: Requirement = {
  name: 'Curator',
  missing:
    curatorClasspath === undefined
      ? 'interop/curator/target/dependency is not there, CURATOR_CLASSPATH is not set'
      : findMissingJava(),
  howToGet:
    'apt-get install maven default-jdk-headless && ' +
    'mvn -q -B -f interop/curator/pom.xml dependency:copy-dependencies',
};

export const kafka: Requirement = {
  name: 'Kafka',
  missing:
    kafkaClasspath === undefined
      ? 'interop/kafka/target/dependency is not there, KAFKA_CLASSPATH is not set'
      : findMissingPrograms(['java']),
  howToGet:
    'apt-get install maven default-jdk-headless && ' +
    'mvn -q -B -f interop/kafka/pom.xml dependency:copy-dependencies',
};

function zkCliMissing(): string | undefined {
  return isThere(ZKCLI, 'ZKCLI') ?? findMissingJava();
}

function requirement(
  name: string,
  debianPackages: string,
  missing: string | undefined,
): Requirement {
  return { name, missing, howToGet: `apt-get install ${debianPackages}` };
}

/** All of them, in the order in which they are reported. */
export const REQUIREMENTS: readonly Requirement[] = [
  java,
  zkCli,
  cliMt,
  kazoo,
  kazooSuite,
  curator,
  kafka,
];

/** The title of a suite: why it is skipped, if it is. */
export function titleOf({ name, missing }: Requirement): string {
  return missing === undefined ? name : `${name} (skipped: ${missing})`;
}

/** The same for a suite that only runs when all are asked for. */
export function titleOfLong(needed: Requirement): string {
  return RUNS_ALL ? titleOf(needed) : `${needed.name} (skipped: npm run test:interop runs it)`;
}
