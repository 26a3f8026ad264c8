import type { JsonFields } from './command.ts';

/** What the Java server tells of its virtual machine: here, of Node.js. Nothing of the environment's variables. */
export function runtimeProperties(): JsonFields {
  const versions = Object.entries(process.versions).map(([name, version]): [string, string] => {
    return [`${name}.version`, version ?? ''];
  });
  const properties: [string, string][] = [
    ...versions,
    ['node.arch', process.arch],
    ['node.flags', process.execArgv.join(' ')],
    ['node.path', process.execPath],
    ['node.platform', process.platform],
    ['process.pid', String(process.pid)],
  ];
  return Object.fromEntries(properties.sort(([a], [b]) => (a < b ? -1 : 1)));
}
