import {
  cpus,
  homedir,
  hostname,
  release,
  tmpdir,
  totalmem,
  type as osType,
  userInfo,
} from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { REPORTED_VERSION } from './server-report.ts';

const MIB = 1024 * 1024;
/** What Java prints for a property that is not there. */
const NOT_AVAILABLE = '<NA>';

/** Java's names of processors. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'aarch64' };

/** What `envi` tells: ZooKeeper's keys in its order, then what there is to say of Node.js. */
export function environment(): readonly (readonly [key: string, value: string])[] {
  const heap = getHeapStatistics();
  const inMib = (bytes: number): string => `${Math.floor(bytes / MIB)}MB`;
  return [
    ['zookeeper.version', REPORTED_VERSION],
    ['host.name', hostname()],
    ['java.version', NOT_AVAILABLE],
    ['java.vendor', NOT_AVAILABLE],
    ['java.home', NOT_AVAILABLE],
    ['java.class.path', NOT_AVAILABLE],
    ['java.library.path', NOT_AVAILABLE],
    ['java.io.tmpdir', tmpdir()],
    ['java.compiler', NOT_AVAILABLE],
    ['os.name', osType()],
    ['os.arch', ARCHITECTURES[process.arch] ?? process.arch],
    ['os.version', release()],
    ['user.name', userName()],
    ['user.home', homedir()],
    ['user.dir', process.cwd()],
    ['os.memory.free', inMib(heap.total_heap_size - heap.used_heap_size)],
    ['os.memory.max', inMib(heap.heap_size_limit)],
    ['os.memory.total', inMib(heap.total_heap_size)],
    ['node.version', process.version],
    ['machine.memory.total', inMib(totalmem())],
    ['machine.processors', String(cpus().length)],
  ];
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return NOT_AVAILABLE;
  }
}
