import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { NodeConfig } from '../node-config.ts';
import { ConfigError, type Finding, Findings } from './findings.ts';
import { readYamlConfig } from './yaml-config.ts';
import { readZooConfig } from './zoo-cfg.ts';

export interface LoadedConfig {
  readonly config: NodeConfig;
  readonly warnings: readonly Finding[];
  readonly notes: readonly Finding[];
}

/**
 * Reads the settings of one node: Bellwether's YAML, or a ZooKeeper `zoo.cfg`.
 *
 * @throws ConfigError with every mistake at once
 */
export function loadConfig(path: string): LoadedConfig {
  const file = resolve(path);
  const findings = new Findings();
  const text = readSettingsFile(file, findings);
  const read = isYaml(file, text) ? readYamlConfig : readZooConfig;
  const config = findings.hasErrors ? undefined : read(text, file, findings);
  if (config === undefined) throw new ConfigError(findings.of('error'));
  return { config, warnings: findings.of('warning'), notes: findings.of('note') };
}

function readSettingsFile(file: string, findings: Findings): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    findings.error({ file, line: 1, column: 1 }, 'it cannot be read', reason);
    return '';
  }
}

const PROPERTIES_EXTENSIONS = ['.cfg', '.conf', '.properties'];
const YAML_EXTENSIONS = ['.yaml', '.yml'];

/** By its name, or else by whether its first setting looks like `key=value`. */
function isYaml(file: string, text: string): boolean {
  const extension = extname(file).toLowerCase();
  if (YAML_EXTENSIONS.includes(extension)) return true;
  if (PROPERTIES_EXTENSIONS.includes(extension)) return false;
  const first = text.split('\n').find((line) => /^\s*[^\s#!]/.test(line)) ?? '';
  return !/^\s*[\w.]+\s*=/.test(first);
}
