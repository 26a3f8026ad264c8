import type { Inspection } from './inspection.ts';
import { serverLine } from './member-note.ts';
import { SERVER_LIMITS } from './limits.ts';

/** One key of the configuration, as `conf` names it. */
export type ConfigurationEntry = readonly [key: string, value: string | number];

/**
 * What `conf` tells. Time-outs of elections stand where ZooKeeper has initLimit and syncLimit: that
 * many ticks of silence part a follower from its leader.
 */
export function configuration(inspection: Inspection): readonly ConfigurationEntry[] {
  const { settings } = inspection;
  const { node } = settings;
  const { dataBytes, logBytes } = inspection.directorySizes();
  return [
    ['clientPort', settings.clientPort],
    ['secureClientPort', -1],
    ['dataDir', node.dataDir],
    ['dataDirSize', dataBytes],
    ['dataLogDir', node.dataDir],
    ['dataLogSize', logBytes],
    ['tickTime', node.timing.tickMs],
    ['maxClientCnxns', settings.connectionsPerAddressMax],
    ['minSessionTimeout', settings.sessionTimeoutMsMin],
    ['maxSessionTimeout', settings.sessionTimeoutMsMax],
    ['clientPortListenBacklog', SERVER_LIMITS.listenBacklog],
    ['serverId', node.nodeId],
  ];
}

/** What it tells of the ensemble besides; empty for a node on its own. */
export function quorumConfiguration(inspection: Inspection): readonly ConfigurationEntry[] {
  const { nodeId, timing } = inspection.settings.node;
  const { members } = inspection;
  const own = members.find((member) => member.id === nodeId);
  if (members.length < 2 || own === undefined) return [];
  return [
    ['initLimit', timing.electionTicksMin],
    ['syncLimit', timing.electionTicksMin],
    ['electionAlg', 3],
    ['electionPort', own.electionPort ?? own.port],
    ['quorumPort', own.port],
    ['peerType', own.kind === 'learner' ? 1 : 0],
  ];
}

/** Members as lines of a zoo.cfg. */
export function membershipLines({ members }: Inspection): readonly string[] {
  return members.map(serverLine);
}
