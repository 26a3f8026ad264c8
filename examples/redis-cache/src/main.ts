import { Cluster, type ReadConsistency } from 'bellwether';
import { main } from 'example-support';
import { Cache } from './cache.ts';
import { serve } from './server.ts';

await main({
  program: import.meta.url,
  scheme: 'redis',
  startNode: async ({ id, peers, dataDir, port, more }) => {
    const cluster = await Cluster.start({ id, peers, dataDir, stateMachine: new Cache() });
    const consistency = (more['reads'] ?? 'linearizable') as ReadConsistency;
    await serve({ cluster, consistency }, port);
  },
  introduce: ({ nodes }) => {
    const [one, two] = nodes.map(({ place }) => place.port);
    return `Three nodes serve Redis' protocol. Try, and then kill one of the processes:

  redis-cli -p ${one} set greeting hello ex 60
  redis-cli -p ${two} get greeting
  redis-cli -p ${one} info replication

Ctrl-C ends them.`;
  },
});
