import type { NodeStatus } from '../service.ts';
import type { PeerAddress } from '../transport/tcp-transport.ts';
import type { ConsensusDriver } from './driver.ts';

/** A report on the node, for its service thread, its metrics and its operators. */
export function statusOf(driver: ConsensusDriver, members: readonly PeerAddress[]): NodeStatus {
  const { flushes, msTotal, msMax } = driver.persister.statistics;
  const peers = members.filter((member) => member.id !== driver.id);
  return {
    raft: driver.core.status(),
    leadership: driver.leadership,
    peers: peers.map(({ id, host, port }) => ({
      nodeId: id,
      address: `${host}:${port}`,
      connected: driver.transport.isConnected(id),
    })),
    logBytes: driver.log.logBytes,
    flushes,
    flushMsMean: flushes === 0 ? 0 : msTotal / flushes,
    flushMsMax: msMax,
    elections: driver.elections,
  };
}
