export { fencedLog, type FencedLine, type FencedLog } from './fenced-log.ts';
export { launch, type Launched, type LaunchedNode, type NodePlace } from './launch.ts';
export { main } from './main.ts';
export { startServers, type Servers } from './servers.ts';
