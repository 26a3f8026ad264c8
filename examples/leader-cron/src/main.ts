import { Cluster } from 'bellwether';
import { fencedLog, main } from 'example-support';
import { runCron, type JobRun } from './cron.ts';
import { Schedule } from './schedule.ts';

/** The job: a line in a log that is outside of the cluster and knows fencing tokens. */
async function report(
  log: string,
  nodeId: number,
  { slot, fencingToken, signal }: JobRun,
): Promise<void> {
  const line = `slot ${slot} by node ${nodeId}`;
  const body = JSON.stringify({ resource: 'report', token: fencingToken, line });
  const { status } = await fetch(log, { method: 'POST', body, signal });
  if (status !== 204) throw new Error(`${line}: refused, a later leader has been here`);
}

await main({
  program: import.meta.url,
  startNode: async ({ id, peers, dataDir, more }) => {
    const cluster = await Cluster.start({ id, peers, dataDir, stateMachine: new Schedule() });
    const everyMs = Number(more['everyMs']);
    const log = more['log'] ?? '';
    const job = { name: 'report', everyMs, run: (run: JobRun) => report(log, id, run) };
    void runCron(cluster, [job]);
  },
  prepare: async () => {
    const log = await fencedLog(({ token, line }) => console.log(`${line}, token ${token}`));
    return { log: log.url, everyMs: '2000' };
  },
  introduce: () =>
    'Three nodes; the leader reports every 2 s. Kill its process: another one goes on.',
});
