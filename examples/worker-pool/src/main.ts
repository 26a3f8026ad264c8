import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'bellwether';
import { fencedLog, main } from 'example-support';
import { assignShards } from './assigner.ts';
import { Pool } from './pool.ts';
import { Worker, type Work } from './worker.ts';

/** Writes a line for its shard again and again, to a log that knows fencing tokens. */
function writeTo(log: string, worker: string, everyMs: number): Work {
  return async (shard, epoch, signal) => {
    for (let step = 1; !signal.aborted; step++) {
      const line = `step ${step} by ${worker}`;
      const body = JSON.stringify({ resource: `shard ${shard}`, token: epoch, line });
      const { status } = await fetch(log, { method: 'POST', body, signal });
      if (status !== 204) throw new Error('refused: the shard has another owner');
      await sleep(everyMs, undefined, { signal });
    }
  };
}

await main({
  program: import.meta.url,
  startNode: async ({ id, peers, dataDir, more }) => {
    const cluster = await Cluster.start({ id, peers, dataDir, stateMachine: new Pool() });
    const timing = { beatMs: Number(more['beatMs']), lifeMs: Number(more['lifeMs']) };
    const shards = Number(more['shards']);
    void cluster.lead((term) => assignShards(cluster, shards, timing, term));
    const work = writeTo(more['log'] ?? '', `worker ${id}`, timing.beatMs);
    void new Worker(cluster, `worker ${id}`, timing, work).run();
  },
  prepare: async () => {
    const log = await fencedLog(({ resource, token, line }) =>
      console.log(`${resource}: ${line}, token ${token}`),
    );
    return { log: log.url, shards: '6', beatMs: '1000', lifeMs: '3000' };
  },
  introduce: () =>
    'Three workers, six shards. Kill a process: its shards go to the others three seconds later.',
});
