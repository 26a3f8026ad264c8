import { LogStore, RealFileSystem } from '@bellwether/storage';
import { DEFAULT_RETENTION } from '../driver/snapshot-taker.ts';
import type { ConsensusOptions } from './messages.ts';

/**
 * The log of one node in production.
 *
 * @throws StorageError: another process has the directory, it is corrupt, or it belongs to another node
 */
export function openLog({
  dataDirectory,
  clusterId,
  id,
  retention = DEFAULT_RETENTION,
}: ConsensusOptions): LogStore {
  return LogStore.open({
    fileSystem: new RealFileSystem(),
    directory: dataDirectory,
    clusterId,
    nodeId: id,
    limits: { segmentBytes: retention.segmentBytes },
  });
}
