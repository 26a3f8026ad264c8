// One node of a cluster with leases, which does what its parent asks for.
import { Cluster, jsonCodec, jsonRestore, jsonSnapshot } from '@bellwether/cluster';

let value = 0;
const stateMachine = {
  codec: jsonCodec(),
  apply: (written) => (value = written),
  query: () => value,
  snapshot: () => jsonSnapshot(value),
  restore: () => jsonRestore((restored) => (value = restored)),
};

const { id, peers, dataDir } = JSON.parse(process.argv[2]);
const cluster = await Cluster.start({ id, peers, dataDir, stateMachine, leaseReads: true });
let term;
void cluster.lead((begun) => {
  term = begun;
  process.send({ kind: 'leads', term: begun.term });
});

const answers = {
  write: (written) => cluster.propose(written),
  writeInTerm: (written) => term.propose(written),
  leaseRead: () => cluster.read(undefined, { consistency: 'lease' }),
  isHeld: () => term.isHeld,
};

async function answer({ question, number, argument }) {
  try {
    process.send({ kind: 'answer', number, value: await answers[question](argument) });
  } catch (error) {
    process.send({ kind: 'answer', number, code: error.code });
  }
}

process.on('message', (asked) => void answer(asked));
process.on('disconnect', () => process.exit());
process.send({ kind: 'started' });
