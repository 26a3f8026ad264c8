import { Cluster } from 'bellwether';
import { main } from 'example-support';
import { serve } from './server.ts';
import { Store } from './store.ts';

await main({
  program: import.meta.url,
  startNode: async ({ id, peers, dataDir, port }) => {
    const cluster = await Cluster.start({ id, peers, dataDir, stateMachine: new Store() });
    await serve(cluster, port);
  },
  introduce: ({ nodes }) => {
    const [one, two] = nodes.map(({ place }) => `http://127.0.0.1:${place.port}`);
    return `Three nodes serve. Try, and then kill one of the processes:

  curl -L -X PUT --data 'hello' ${one}/kv/greeting
  curl ${two}/kv/greeting
  curl -L -X PUT -H 'if-match: 7' --data 'too late' ${one}/kv/greeting
  curl ${two}/status

Ctrl-C ends them.`;
  },
});
