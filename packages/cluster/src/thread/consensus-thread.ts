/*
 * The consensus thread of a node: core, log, peers, heartbeats. Its heap stays small, so its pauses
 * do, and neither a large state machine nor its user's code can delay a heartbeat.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Entry, RaftConfig } from '@bellwether/raft';
import { LogStore, RealFileSystem } from '@bellwether/storage';
import { assert } from '../assert.ts';
import { systemClock } from '../clock.ts';
import { ConsensusDriver } from '../driver/driver.ts';
import type { ServicePort } from '../driver/service-port.ts';
import { DEFAULT_RETENTION } from '../driver/snapshot-taker.ts';
import { statusOf } from '../driver/status.ts';
import { LIMITS } from '../limits.ts';
import { TcpTransport } from '../transport/tcp-transport.ts';
import { packEntries } from './committed-batch.ts';
import type { ConsensusOptions, ToConsensus, ToService } from './messages.ts';

assert(parentPort !== null, 'runs in a worker');
const port = parentPort;
const options = workerData as ConsensusOptions;

function post(message: ToService): void {
  port.postMessage(message);
}

function postBytes(message: ToService, bytes: Uint8Array): void {
  port.postMessage(message, [bytes.buffer as ArrayBuffer]);
}

function onEvent(text: string): void {
  post({ type: 'event', text });
}

function fail(error: unknown): void {
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in cause ? String(cause.code) : undefined;
  post({ type: 'fatal', error: cause, code });
}

// What is posted is copied first, by itself: a view would take its whole buffer along.
const service: ServicePort = {
  deliver: (entries: readonly Entry[]) => {
    const bytes = packEntries(entries);
    postBytes({ type: 'committed', firstIndex: entries[0]?.index ?? 0, bytes }, bytes);
  },
  onLeadership: (leadership) => {
    post({ type: 'leadership', leadership });
    report();
  },
  onReadIndex: (requestId, index) => post({ type: 'readIndex', requestId, index }),
  onMessage: (from, bytes) => post({ type: 'message', from, bytes: new Uint8Array(bytes) }),
  beginSnapshot: () => post({ type: 'beginSnapshot' }),
  nextSnapshotChunk: () => post({ type: 'nextSnapshotChunk' }),
  onOutcomesUnknown: (sequence) => post({ type: 'outcomesUnknown', sequence }),
  restoreBegin: () => post({ type: 'restoreBegin' }),
  restoreChunk: (chunk) => post({ type: 'restoreChunk', chunk: new Uint8Array(chunk) }),
  restoreEnd: (appliedIndex) => post({ type: 'restoreEnd', appliedIndex }),
  onStatus: (status) => post({ type: 'status', status }),
  onFatal: fail,
};

function raftConfig(): RaftConfig {
  const idsOf = (role: 'voter' | 'learner'): number[] =>
    options.members.filter((member) => (member.role ?? 'voter') === role).map(({ id }) => id);
  return {
    id: options.id,
    initialMembership: { voters: idsOf('voter'), votersOutgoing: [], learners: idsOf('learner') },
    heartbeatTicks: options.timing.heartbeatTicks,
    electionTicksMin: options.timing.electionTicksMin,
    electionTicksSpread: options.timing.electionTicksSpread,
    appendBytesMax: LIMITS.appendBytesMax,
    inflightMessagesMax: LIMITS.inflightMessagesMax,
    inflightBytesMax: LIMITS.inflightBytesMax,
    uncommittedBytesMax: LIMITS.uncommittedBytesMax,
    committedBytesMax: LIMITS.committedBytesMax,
    leaseReads: false,
    priorities: new Map(options.members.map(({ id, priority }) => [id, priority ?? 1])),
  };
}

const log = openLog();
reportRecovery();
let transport: TcpTransport | undefined;
const driver = new ConsensusDriver({
  config: raftConfig(),
  log,
  service,
  clock: systemClock,
  random: Math.random,
  incarnation: options.incarnation,
  retention: options.retention,
  onEvent,
  connect: (handler) => {
    return (transport = new TcpTransport({ ...options, onEvent }, handler));
  },
});

function openLog(): LogStore {
  try {
    return LogStore.open({
      fileSystem: new RealFileSystem(),
      directory: options.dataDirectory,
      clusterId: options.clusterId,
      nodeId: options.id,
      limits: { segmentBytes: (options.retention ?? DEFAULT_RETENTION).segmentBytes },
    });
  } catch (error) {
    fail(error);
    throw error;
  }
}

function reportRecovery(): void {
  const { repaired, isRestarted } = log.recovery;
  if (repaired !== undefined) {
    const { file, offset, bytes } = repaired;
    const text = `repaired the torn end of ${file}: ${bytes} bytes from offset ${offset} removed`;
    onEvent(text);
  }
  if (isRestarted) onEvent('the log was restarted behind a newer snapshot');
}

function report(): void {
  service.onStatus(statusOf(driver, options.members));
}

function stop(): void {
  driver.stop();
  clearInterval(ticker);
  clearInterval(reporter);
  log.close(() => {
    post({ type: 'stopped' });
    port.close();
  });
}

function onMessage(message: ToConsensus): void {
  switch (message.type) {
    case 'commands':
      return driver.onCommands(message.batch);
    case 'applied':
      return driver.onApplied(message.index);
    case 'readIndex':
      return driver.onReadIndexWanted(message.requestId);
    case 'messageToLeader':
      return driver.onMessageToLeader(message.bytes);
    case 'transfer':
      return driver.onTransferWanted(message.target);
    case 'snapshotBegan':
      return driver.onSnapshotBegan(message.index);
    case 'snapshotChunk':
      return driver.onSnapshotChunk(message.chunk);
    case 'chunkRestored':
      return driver.onChunkRestored();
    case 'stop':
      return stop();
    default:
      return message satisfies never;
  }
}

const ticker = setInterval(() => driver.tick(), options.timing.tickMs);
const reporter = setInterval(report, LIMITS.statusIntervalMs);
port.on('message', onMessage);
try {
  await transport?.listen();
  driver.start();
  report();
  post({ type: 'started' });
} catch (error) {
  fail(error);
}
