import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../cli/user-error.ts';
import { type DevNode, settingsOf } from './dev-layout.ts';

const NODES_DEFAULT = 3;
const CLUSTER_FILE = 'cluster.json';
const PIDS_FILE = 'pids';

/**
 * How many nodes the cluster in `directory` has, or shall have.
 *
 * @param asked the --nodes that was given, if any
 * @throws UserError when the data is that of another number of nodes
 */
export function numberOfNodes(directory: string, asked: number | undefined): number {
  const kept = readKept(join(directory, CLUSTER_FILE));
  if (kept === undefined) return asked ?? NODES_DEFAULT;
  if (asked === undefined || asked === kept) return kept;
  throw new UserError(
    `${directory} holds the data of ${kept === 1 ? '1 node' : `${kept} nodes`}: start it with ` +
      `--nodes ${kept}, or give another directory with --data, or remove ${directory} to begin anew`,
  );
}

function readKept(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { nodes } = JSON.parse(readFileSync(file, 'utf8')) as { nodes?: unknown };
    if (typeof nodes === 'number' && Number.isInteger(nodes) && nodes > 0) return nodes;
  } catch {
    // Falls through: whatever it is, it is not ours.
  }
  throw new UserError(`${file} is damaged: give another directory with --data, or remove it`);
}

/** Makes the directories and writes each node's settings. */
export function prepareDirectory(directory: string, nodes: readonly DevNode[]): void {
  try {
    mkdirSync(directory, { recursive: true });
    for (const node of nodes) {
      mkdirSync(dirname(node.configFile), { recursive: true });
      writeFileSync(node.configFile, settingsOf(node, nodes));
    }
    const kept = `${JSON.stringify({ nodes: nodes.length })}\n`;
    writeFileSync(join(directory, CLUSTER_FILE), kept);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`cannot write to ${directory} (${reason}): choose another with --data`);
  }
}

/** A line "<node> <pid>" per running process. */
export function writePids(directory: string, pids: ReadonlyMap<number, number>): void {
  const lines = [...pids].sort(([a], [b]) => a - b).map(([id, pid]) => `${id} ${pid}\n`);
  writeFileSync(join(directory, PIDS_FILE), lines.join(''));
}

export function removePids(directory: string): void {
  rmSync(join(directory, PIDS_FILE), { force: true });
}

/** What the last run left written, whether or not the processes are still there. */
export function readPids(directory: string): ReadonlyMap<number, number> {
  const file = join(directory, PIDS_FILE);
  const pids = new Map<number, number>();
  if (!existsSync(file)) return pids;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const match = /^(\d+) (\d+)$/.exec(line);
    if (match) pids.set(Number(match[1]), Number(match[2]));
  }
  return pids;
}

/** The end of a file, at most `linesMax` lines of it. */
export function lastLines(file: string, linesMax: number): readonly string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-linesMax);
}
