/*
 * The consensus thread of a node: core, log, peers, heartbeats. Its heap stays small, so its pauses
 * do, and neither a large state machine nor its user's code can delay a heartbeat.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { RaftConfig } from '@bellwether/raft';
import { LogStore, RealFileSystem } from '@bellwether/storage';
import { assert } from '../assert.ts';
import { systemClock } from '../clock.ts';
import { ConsensusDriver } from '../driver/driver.ts';
import { DEFAULT_RETENTION } from '../driver/snapshot-taker.ts';
import { statusOf } from '../driver/status.ts';
import { LIMITS } from '../limits.ts';
import { foundingMembership } from '../membership/founding.ts';
import { TcpTransport } from '../transport/tcp-transport.ts';
import type { TransportHandler } from '../transport/transport.ts';
import { fatalMessage, handleMessage, servicePort } from './consensus-end.ts';
import type { ConsensusOptions, ToConsensus, ToService } from './messages.ts';
import { Ticker } from './ticker.ts';
import { TravellingBuffers } from './travelling-buffers.ts';
import { YoungCollector } from './young-collector.ts';

assert(parentPort !== null, 'runs in a worker');
const port = parentPort;
const options = workerData as ConsensusOptions;
const hasLeases = options.leaseReads === true;

function post(message: ToService, transfer?: readonly ArrayBuffer[]): void {
  port.postMessage(message, transfer);
}

function onEvent(text: string): void {
  post({ type: 'event', text });
}

const buffers = new TravellingBuffers();
const service = servicePort(post, () => report(), buffers);

function raftConfig(): RaftConfig {
  return {
    id: options.id,
    initialMembership: foundingMembership(options.members, options.start),
    heartbeatTicks: options.timing.heartbeatTicks,
    electionTicksMin: options.timing.electionTicksMin,
    electionTicksSpread: options.timing.electionTicksSpread,
    appendBytesMax: LIMITS.appendBytesMax,
    inflightMessagesMax: LIMITS.inflightMessagesMax,
    inflightBytesMax: LIMITS.inflightBytesMax,
    uncommittedBytesMax: LIMITS.uncommittedBytesMax,
    committedBytesMax: LIMITS.committedBytesMax,
    leaseReads: hasLeases,
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
  removeDeadAfterMs: options.removeDeadAfterMs,
  seeds: options.members.filter(({ port: peerPort }) => peerPort > 0),
  detection: options.timing,
  onEvent,
  connect: (handler) => {
    return (transport = new TcpTransport({ ...options, onEvent }, withLeaseTime(handler)));
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
    post(fatalMessage(error));
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
  service.onStatus(statusOf(driver));
}

function stop(): void {
  driver.stop();
  clearInterval(ticker);
  clearInterval(reporter);
  const onClosed = (): void => {
    post({ type: 'stopped' });
    port.close();
  };
  // So that nothing that was written last is taken for torn at the next start.
  log.confirm();
  log.flush(() => log.close(onClosed));
}

/**
 * A lease ends by the clock, also while this thread stands still: what was missed is made up before
 * anything is taken that a lease could answer.
 */
function makeUpLeaseTime(): void {
  if (hasLeases) ticks.onTimer(systemClock.nowMs());
}

function withLeaseTime(handler: TransportHandler): TransportHandler {
  return {
    onMessage: (message) => {
      if (message.type === 'ReadIndexRequest') makeUpLeaseTime();
      handler.onMessage(message);
    },
    mayBeMember: (peer) => handler.mayBeMember(peer),
    onConnected: (peer) => handler.onConnected(peer),
    onDisconnected: (peer) => handler.onDisconnected(peer),
    onSnapshot: (offer) => handler.onSnapshot(offer),
  };
}

function onMessage(message: ToConsensus): void {
  if (message.type === 'readIndex') makeUpLeaseTime();
  if (message.type === 'stop') stop();
  else handleMessage(driver, buffers, message);
}

const { tickMs } = options.timing;
const holdsLease = (): boolean => hasLeases && driver.core.role === 'leader';
const ticks = new Ticker(tickMs, () => driver.tick(), systemClock.nowMs(), holdsLease);
const collector = new YoungCollector();
const ticker = setInterval(() => {
  ticks.onTimer(systemClock.nowMs());
  collector.look();
}, tickMs);
const reporter = setInterval(report, LIMITS.statusIntervalMs);
port.on('message', onMessage);
try {
  await transport?.listen();
  driver.start();
  report();
  post({ type: 'started' });
} catch (error) {
  post(fatalMessage(error));
}
