import type { NodeId } from '@bellwether/raft';
import type { NodeStatus } from '../service.ts';
import type { ConsensusDriver } from './driver.ts';

/** A report on the node, for its service thread, its metrics and its operators. */
export function statusOf(driver: ConsensusDriver): NodeStatus {
  const { flushes, msTotal, msMax } = driver.persister.statistics;
  const { membership } = driver;
  const isFirst = (id: NodeId, at: number): boolean =>
    membership.peers.findIndex((peer) => peer.id === id) === at;
  const peers = membership.peers.filter(({ id }, at) => isFirst(id, at));
  return {
    members: membership.members,
    isMember: membership.isMember,
    raft: driver.core.status(),
    leadership: driver.leadership,
    peers: peers.map(({ id, host, port }) => ({
      nodeId: id,
      address: `${host}:${port}`,
      connected: driver.transport.isConnected(id),
      vitals: driver.health.vitalsOf(id),
    })),
    logBytes: driver.log.logBytes,
    flushes,
    flushMsMean: flushes === 0 ? 0 : msTotal / flushes,
    flushMsMax: msMax,
    elections: driver.elections,
    vitals: driver.health.vitals,
    leaderSilence: driver.health.leaderSilence,
  };
}
