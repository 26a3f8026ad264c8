import type { Stat } from '@bellwether/protocol';
import type { Client } from '../../client.ts';
import { isClientError, type ClientError } from '../../errors.ts';
import type { DataAndStat } from '../../operations/results.ts';
import { parentOf } from '../../paths.ts';
import { isTransient, pause, persist } from './persist.ts';

/** After so many collisions in a row, those who change the same znode step aside by chance. */
const COLLISIONS_BEFORE_PAUSE = 3;
const PAUSE_MS_MAX = 50;

/** The data of a znode; null when there is none. */
export function readOrNull(
  client: Client,
  path: string,
  signal: AbortSignal,
): Promise<DataAndStat | null> {
  const read = async (): Promise<DataAndStat | null> => {
    try {
      return await client.getData(path, { signal });
    } catch (error) {
      if (isClientError(error, 'noNode')) return null;
      throw error;
    }
  };
  return persist(client, read, signal);
}

/**
 * Changes data by what it was, as often as it takes for nobody to come between. Makes the znode when
 * it is missing.
 *
 * When an answer was lost, it looks whether the version is still the one that was to be replaced: if
 * so, the write did not happen and is tried again. If not, nobody can know whose write it was, and
 * the error is passed on with `indeterminate`.
 */
export async function updateData(
  client: Client,
  path: string,
  change: (before: Buffer | undefined) => Uint8Array | string,
  signal: AbortSignal,
): Promise<Stat> {
  for (let collisions = 0; ; collisions++) {
    const before = await readOrNull(client, path, signal);
    const after = change(before?.data);
    try {
      if (before === null) return await createData(client, path, after, signal);
      const { version } = before.stat;
      return await client.setData(path, after, { version, signal });
    } catch (error) {
      if (isClientError(error, 'badVersion', 'noNode', 'nodeExists')) {
        const delayMs = client.runtime.random() * PAUSE_MS_MAX;
        if (collisions >= COLLISIONS_BEFORE_PAUSE) await pause(client, signal, delayMs);
      } else if (!isTransient(error)) {
        throw error;
      } else {
        await assertUnchanged(client, path, before?.stat, error as ClientError, signal);
      }
    }
  }
}

async function createData(
  client: Client,
  path: string,
  data: Uint8Array | string,
  signal: AbortSignal,
): Promise<Stat> {
  const parent = parentOf(path);
  if (parent !== '/') await client.ensurePath(parent, { signal });
  return (await client.create(path, data, { signal })).stat;
}

/** Throws the error when the write may have happened. */
async function assertUnchanged(
  client: Client,
  path: string,
  before: Stat | undefined,
  error: ClientError,
  signal: AbortSignal,
): Promise<void> {
  await pause(client, signal);
  if (!error.indeterminate) return;
  let now: DataAndStat | null;
  try {
    await persist(client, () => client.sync(path, { signal }), signal);
    now = await readOrNull(client, path, signal);
  } catch {
    throw error;
  }
  const isSame = now?.stat.version === before?.version && now?.stat.czxid === before?.czxid;
  if (!isSame) throw error;
}
