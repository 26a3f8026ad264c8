/** What strikes, each with how often compared with the others, and in words. */
export const FAULTS = {
  kill: { weight: 3, what: 'a node is killed (kill -9 of all its processes)' },
  killOne: { weight: 2, what: 'one of the two processes of a node is killed' },
  killAll: { weight: 1, what: 'all nodes are killed at once' },
  stop: { weight: 1, what: 'a node is stopped (SIGTERM)' },
  rolling: { weight: 0.5, what: 'all nodes are restarted in turn' },
  pause: { weight: 3, what: 'a node stands still (SIGSTOP, SIGCONT)' },
  isolate: { weight: 3, what: 'a node is cut off from all, without a reset' },
  mute: { weight: 1, what: 'nobody hears a node' },
  deaf: { weight: 1, what: 'a node hears nobody' },
  link: { weight: 2, what: 'the link between two nodes is cut' },
  oneWay: { weight: 2, what: 'the same, one way' },
  partition: { weight: 2, what: 'the nodes are parted in two groups' },
  bridge: { weight: 1, what: 'the nodes hear of each other only through one of them' },
  cable: { weight: 2, what: 'the link of a node is down' },
  lossy: { weight: 2, what: 'a share of the packets to and from a node is lost' },
  slowLink: { weight: 2, what: 'packets to a node are held up' },
  clients: { weight: 2, what: 'clients cannot reach a node, other nodes can' },
  diskFull: { weight: 1, what: 'the disk of a node is full' },
  diskSlow: { weight: 2, what: 'flushes of a node are slow' },
  diskStuck: { weight: 1, what: 'flushes of a node do not return' },
  diskFails: { weight: 1, what: 'flushes of a node fail' },
  serviceBusy: { weight: 1, what: 'the service thread of a node is busy with nothing' },
  clock: { weight: 2, what: 'the wall clock of a node jumps' },
  transfer: { weight: 2, what: 'the leader is told to hand over' },
  members: { weight: 1, what: 'a node is removed, wiped, and added' },
} as const;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];
