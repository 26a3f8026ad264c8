import type { Entry } from '@bellwether/raft';
import type { ConsensusDriver } from '../driver/driver.ts';
import type { ServicePort } from '../driver/service-port.ts';
import { packEntries } from './committed-batch.ts';
import type { ToConsensus, ToService } from './messages.ts';
import type { TravellingBuffers } from './travelling-buffers.ts';

/**
 * The service thread as the driver's port: calls become messages. What is posted is copied first, by
 * itself: a view would take its whole buffer along.
 *
 * @param post to the service thread; the buffers in `transfer` are handed over
 * @param report posts the node's status
 * @param buffers in which entries are delivered; `handleMessage` takes them back
 */
export function servicePort(
  post: (message: ToService, transfer?: readonly ArrayBuffer[]) => void,
  report: () => void,
  buffers: TravellingBuffers,
): ServicePort {
  return {
    deliver: (entries: readonly Entry[]) => {
      const bytes = packEntries(entries, buffers);
      const firstIndex = entries[0]?.index ?? 0;
      post({ type: 'committed', firstIndex, bytes }, [bytes.buffer as ArrayBuffer]);
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
    onMembersOutcome: (requestId, outcome) => post({ type: 'membersOutcome', requestId, outcome }),
    askForAnswer: () => post({ type: 'askForAnswer' }),
    onStatus: (status) => post({ type: 'status', status }),
    onFailover: (failover) => post({ type: 'failover', failover }),
    onFatal: (error) => post(fatalMessage(error)),
  };
}

/** Error objects lose their own fields on the way between threads. */
export function fatalMessage(cause: unknown): ToService {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const code = 'code' in error ? String(error.code) : undefined;
  return { type: 'fatal', error, code };
}

/** Brings what the service thread asks for to the driver. */
export function handleMessage(
  driver: ConsensusDriver,
  buffers: TravellingBuffers,
  message: Exclude<ToConsensus, { readonly type: 'stop' }>,
): void {
  switch (message.type) {
    case 'commands':
      return driver.onCommands(message.batch);
    case 'applied':
      buffers.giveBack(message.buffers);
      return driver.onApplied(message.index);
    case 'answer':
      return driver.health.onServiceAnswer();
    case 'readIndex':
      return driver.onReadIndexWanted(message);
    case 'serviceMessage':
      return driver.onServiceMessage(message.to, message.bytes);
    case 'transfer':
      return driver.onTransferWanted(message.target);
    case 'changeMembers':
      return driver.onMembersWanted(message.requestId, message.change);
    case 'snapshotBegan':
      return driver.onSnapshotBegan(message.index);
    case 'snapshotChunk':
      return driver.snapshots.onChunk(message.chunk);
    case 'chunkRestored':
      return driver.restorer.onChunkRestored();
    default:
      return message satisfies never;
  }
}
