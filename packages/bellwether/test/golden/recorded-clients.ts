import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './recorded-servers.ts';
import { SASL_USER, type ClientName, type Scenario } from './scenarios.ts';

const PROGRAMS = 'interop/golden';
const KAZOO = 'interop/kazoo/.venv/bin/python';

/** A program that is a client of the server at its last argument, `host:port`. */
export interface RecordedClient {
  /** Who it is, with its version. */
  readonly title: string;
  readonly command: Command;
}

/** Compiles what has to be compiled into `scratch`. */
export function prepareClient(
  client: ClientName,
  scenario: Scenario,
  classpath: string,
  scratch: string,
): RecordedClient {
  switch (client) {
    case 'c':
      return cClient(scenario, scratch);
    case 'java':
      return javaClient(scenario, classpath, scratch);
    case 'kazoo':
      return kazooClient(scenario);
    case 'node':
      return nodeClient();
    default:
      return client satisfies never;
  }
}

function cClient(scenario: Scenario, scratch: string): RecordedClient {
  const program = join(scratch, scenario);
  const source = `${PROGRAMS}/${scenario.replace('-', '_')}.c`;
  run('gcc', '-DTHREADED', '-o', program, source, '-lzookeeper_mt');
  const version = run('dpkg-query', '-f', '${Version}', '-W', 'libzookeeper-mt2');
  return { title: `Apache's C client ${version}`, command: [program] };
}

function javaClient(scenario: Scenario, classpath: string, scratch: string): RecordedClient {
  const name = scenario.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  const sources = ['Client', name].map((each) => `${PROGRAMS}/${each}.java`);
  run('javac', '-cp', classpath, '-d', scratch, ...sources);
  const jaas = `-Djava.security.auth.login.config=${writeLogins(scratch)}`;
  // The host name is part of what a client proves by SASL.
  const realm = '-Dzookeeper.server.principal=zookeeper/localhost';
  const cp = `${classpath}:${scratch}`;
  const options = scenario === 'sasl' ? [jaas, realm] : [];
  return {
    title: `Apache's Java client ${versionOf(classpath)}`,
    command: ['java', ...options, '-cp', cp, name],
  };
}

function versionOf(classpath: string): string {
  const main = 'org.apache.zookeeper.version.VersionInfoMain';
  const text = run('java', '-cp', classpath, main);
  return /version:? (\d+\.\d+\.\d+)/.exec(text)?.[1] ?? 'of unknown version';
}

function writeLogins(scratch: string): string {
  const file = join(scratch, 'client-jaas.conf');
  const module = 'org.apache.zookeeper.server.auth.DigestLoginModule';
  const entry = (name: string, password: string): string =>
    `${name} { ${module} required username="${SASL_USER.name}" password="${password}"; };\n`;
  writeFileSync(file, entry('Right', SASL_USER.password) + entry('Wrong', 'wrong'));
  return file;
}

function kazooClient(scenario: Scenario): RecordedClient {
  if (!existsSync(KAZOO)) throw new Error(`${KAZOO}: see interop/kazoo/requirements.txt`);
  const version = run(KAZOO, '-c', 'import kazoo; print(kazoo.__version__)').trim();
  const program = `${PROGRAMS}/${scenario.replace('-', '_')}.py`;
  return { title: `kazoo ${version}`, command: [KAZOO, program] };
}

function nodeClient(): RecordedClient {
  const file = 'node_modules/node-zookeeper-client/package.json';
  const version = run(process.execPath, '-p', `require('./${file}').version`).trim();
  return {
    title: `node-zookeeper-client ${version}`,
    command: [process.execPath, `${PROGRAMS}/operations.mjs`],
  };
}

function run(...[program, ...args]: Command): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
