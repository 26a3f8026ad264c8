import type { Client } from '../client.ts';
import { isClientError } from '../errors.ts';
import type { DataAndStat } from '../operations/results.ts';
import type { Alarm } from './support/alarm.ts';
import { Follower } from './support/follower.ts';

/**
 * A copy of one znode that is kept up to date; null while there is none.
 *
 * Guarantees: each copy is one that the znode had, and newer than the one before. Changes that
 * follow each other quickly may be seen as one. One watch.
 *
 * Suspended: the copy stays, and grows old. Reconnected, or a new session: it is read again.
 */
export class NodeCache extends Follower<DataAndStat | null> {
  constructor(client: Client, path: string) {
    super(client, (alarm) => readNode(client, path, alarm));
  }
}

/** With a watch: on the data, or on the creation when there is no such znode. */
async function readNode(
  client: Client,
  path: string,
  { watch }: Alarm,
): Promise<DataAndStat | null> {
  for (;;) {
    try {
      return await client.getData(path, watch);
    } catch (error) {
      if (!isClientError(error, 'noNode')) throw error;
    }
    if ((await client.exists(path, watch)) === null) return null;
  }
}
