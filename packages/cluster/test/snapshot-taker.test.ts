import type { RaftNode } from '@bellwether/raft';
import type { LogStore } from '@bellwether/storage';
import { expect, it } from 'vitest';
import type { ServicePort } from '../src/driver/service-port.ts';
import { SnapshotTaker } from '../src/driver/snapshot-taker.ts';

it('no snapshot is asked for while the service is being restored, but as soon as it has been', () => {
  const asked: string[] = [];
  const service = { beginSnapshot: () => void asked.push('asked') };
  const restorer = { isRestoring: true };
  const taker = new SnapshotTaker(
    { core: {} as RaftNode, log: {} as LogStore, restorer },
    { snapshotAfterBytes: 100, entriesKept: 10, segmentBytes: 1000 },
    service as unknown as ServicePort,
    (error) => {
      throw error;
    },
  );
  taker.onDelivered(150);
  // The service had applied it before; the restore has begun since.
  taker.onProgress();
  expect(asked).toEqual([]);
  restorer.isRestoring = false;
  taker.onProgress();
  expect(asked).toEqual(['asked']);
});
