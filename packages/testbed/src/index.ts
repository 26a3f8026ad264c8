/** Real nodes in networks of their own, and faults of links, disks, threads and clocks. */
export { askFourLetterWord, askMode, FOUR_LETTER_TIMEOUT_MS } from './four-letter-word.ts';
export { bothWays, type Loss, type Place } from './loss.ts';
export { Network, type Heal, type Slowness } from './network.ts';
export { NodeFaults, type NodeFault } from './node-faults.ts';
export { isInstalled, whyNoNetworks } from './requirements.ts';
export { SmallDisk } from './small-disk.ts';
export { WallClocks, whyNoWallClocks } from './wall-clocks.ts';
export { isAlive, nodeProcesses, signalNode, signalProcess } from './node-processes.ts';
