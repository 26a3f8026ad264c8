import type { ReadConsistency } from 'bellwether';
import type { CacheCluster, Command, Entry, Result } from './cache.ts';
import { RespError, type Reply } from './resp.ts';

/** What a request is executed with. */
export interface Surroundings {
  readonly cluster: CacheCluster;
  /** Of reads. */
  readonly consistency: ReadConsistency;
}

/** How long a request waits for a leader. */
const PATIENCE_MS = 5_000;

export const text = (bytes: Buffer | undefined): string => bytes?.toString('latin1') ?? '';

export const upper = (bytes: Buffer | undefined): string => text(bytes).toUpperCase();

/** @throws RespError */
export function integer(bytes: Buffer | undefined): number {
  const value = Number(text(bytes));
  if (Number.isSafeInteger(value)) return value;
  throw new RespError('ERR value is not an integer or out of range');
}

export const propose = ({ cluster }: Surroundings, command: Command): Promise<Result> =>
  cluster.propose(command, { timeoutMs: PATIENCE_MS });

/** The entries of these keys, or of all. */
export function read(
  { cluster, consistency }: Surroundings,
  keys?: readonly Buffer[],
): Promise<readonly (Entry | undefined)[]> {
  const wanted = keys === undefined ? {} : { keys: keys.map(text) };
  return cluster.read({ ...wanted, nowMs: Date.now() }, { consistency, timeoutMs: PATIENCE_MS });
}

export const valueOf = (entry: Entry | undefined): Reply =>
  entry === undefined ? null : Buffer.from(entry.value, 'latin1');

/** Where clients find a node, as its note says. */
export function addressOf({ cluster }: Surroundings, nodeId: number): readonly [string, string] {
  const member = cluster.members?.members.find(({ id }) => id === nodeId);
  const { hostname, port } = new URL(member?.note ?? 'redis://127.0.0.1:0');
  return [hostname, port];
}
