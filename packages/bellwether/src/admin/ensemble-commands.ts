/* Commands about the node's place among the others. */
import { membershipLines } from '../server/configuration-report.ts';
import { failoversJson } from '../server/failover-report.ts';
import { healthJson } from '../server/health-report.ts';
import type { Inspection } from '../server/inspection.ts';
import type { MemberConfig } from '../node-config.ts';
import type { AdminCommand, JsonFields } from './command.ts';

export const ENSEMBLE_COMMANDS: readonly AdminCommand[] = [
  { names: ['failovers', 'fovr'], when: 'always', run: failovers },
  { names: ['figures'], when: 'always', run: figures },
  { names: ['health', 'hlth'], when: 'always', run: health },
  { names: ['initial_configuration', 'icfg'], when: 'serving', run: initialConfiguration },
  { names: ['leader', 'lead'], when: 'serving', run: leader },
  { names: ['observers', 'obsr'], when: 'serving', run: observers },
  { names: ['observer_connection_stat_reset', 'orst'], when: 'serving', run: () => ({}) },
  { names: ['voting_view'], when: 'serving', run: votingView },
  { names: ['zabstate'], when: 'always', run: zabState },
];

function initialConfiguration(inspection: Inspection): JsonFields {
  const lines = isAlone(inspection) ? [] : membershipLines(inspection);
  return { initial_configuration: lines.length === 0 ? null : `${lines.join('\n')}\n` };
}

/** Not one of ZooKeeper's. */
function failovers({ settings, failovers }: Inspection): JsonFields {
  const { node, failovers: recent } = failoversJson(settings.node.nodeId, failovers);
  return { node, failovers: recent.map((failover) => ({ ...failover })) };
}

/** Not one of ZooKeeper's. */
function health({ status }: Inspection): JsonFields {
  if (status === undefined) return { error: 'server is not initialized' };
  const { nodes, ...own } = healthJson(status);
  return { ...own, nodes: nodes.map((node) => ({ ...node })) };
}

/** Not one of ZooKeeper's: what a prediction of availability is made from. Times in ms. */
function figures({ status, settings }: Inspection): JsonFields {
  const { tickMs, heartbeatTicks, silenceMsMin, silenceMsMax } = settings.node.timing;
  const { voters = [], learners = [] } = status?.raft.membership ?? {};
  const flushes = status?.flushes ?? 0;
  return {
    voters: voters.length,
    learners: learners.length,
    tick_ms: tickMs,
    heartbeat_ms: heartbeatTicks * tickMs,
    silence_ms_min: silenceMsMin,
    silence_ms_max: silenceMsMax,
    silence_bound_ms: status?.leaderSilence?.boundMs ?? null,
    flush_ms_mean: flushes === 0 ? null : (status?.flushMsMean ?? null),
  };
}

function leader(inspection: Inspection): JsonFields {
  const { status, members } = inspection;
  if (status === undefined || isAlone(inspection)) return { error: 'server is not initialized' };
  const { leaderId, role } = status.leadership;
  const member = members.find(({ id }) => id === leaderId);
  return { is_leader: role === 'leader', leader_id: leaderId, leader_ip: member?.host ?? '' };
}

/** Learners that keep up, as their leader sees them; other nodes know of none. */
function observers({ status, members }: Inspection): JsonFields {
  const isLeader = status?.leadership.role === 'leader';
  const learners = isLeader ? status.raft.progress.filter(({ isLearner }) => isLearner) : [];
  const synced = learners.filter(({ recentlyActive, state }) => {
    return recentlyActive && state === 'replicate';
  });
  return {
    synced_observers: synced.length,
    observers: synced.map(({ nodeId, match, next }) => ({
      remote_socket_address: addressOf(members.find(({ id }) => id === nodeId)),
      sid: nodeId,
      queued_packets: Math.max(0, next - 1 - match),
      last_zxid: match,
    })),
  };
}

function votingView({ status, members: all, settings }: Inspection): JsonFields {
  const voters = status?.raft.membership.voters ?? [];
  const members = all.filter(({ id }) => voters.includes(id));
  if (members.length < 2) return { current_config: {} };
  const view = (member: MemberConfig): JsonFields => ({
    server_addresses: [addressOf(member)],
    election_addresses: [electionAddressOf(member)],
    client_address: clientAddressOf(member.id === settings.node.nodeId ? settings : member),
    learner_type: 'participant',
  });
  return {
    current_config: Object.fromEntries(members.map((member) => [member.id, view(member)])),
  };
}

/** Raft's term and index stand where ZooKeeper has the epoch and the counter of its zxid. */
function zabState(inspection: Inspection): JsonFields {
  const { status, settings, coordinator } = inspection;
  if (status === undefined || isAlone(inspection)) return { voting: false, zabstate: '' };
  const { raft, leadership } = status;
  const own = inspection.members.find(({ id }) => id === settings.node.nodeId);
  const zxid = coordinator.lastAppliedIndex;
  return {
    myid: settings.node.nodeId,
    is_leader: leadership.role === 'leader',
    quorum_address: own === undefined ? '' : addressesJson(own.host, own.port),
    election_address:
      own === undefined ? '' : addressesJson(own.host, own.electionPort ?? own.port),
    client_address: clientAddressOf(settings),
    voting: raft.membership.voters.includes(raft.id),
    last_zxid: `0x${zxid.toString(16)}`,
    zab_epoch: raft.term,
    zab_counter: zxid,
    zabstate: phaseOf(leadership.leaderId === 0, leadership.isServing),
  };
}

function phaseOf(isLeaderless: boolean, isServing: boolean): string {
  if (isLeaderless) return 'election';
  return isServing ? 'broadcast' : 'synchronization';
}

function isAlone({ members }: Inspection): boolean {
  return members.length < 2;
}

/** ZooKeeper's member may have several addresses; this is what it tells of one that has one. */
function addressesJson(host: string, port: number): JsonFields {
  const address = hostAndPort(host, port);
  return {
    empty: false,
    all_addresses: [address],
    wildcard_addresses: [`0.0.0.0:${port}`],
    all_ports: [port],
    all_host_strings: [host],
    reachable_address: address,
    all_reachable_addresses: [address],
    all_reachable_addresses_or_all: [address],
    reachable_or_one: address,
    one: address,
  };
}

function addressOf(member: MemberConfig | undefined): string {
  return member === undefined ? '' : hostAndPort(member.host, member.port);
}

function electionAddressOf({ host, port, electionPort }: MemberConfig): string {
  return hostAndPort(host, electionPort ?? port);
}

function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

type ClientSide = Pick<MemberConfig, 'clientAddress' | 'clientPort'>;

function clientAddressOf({ clientAddress, clientPort }: ClientSide): string {
  return clientPort === undefined ? '' : `${clientAddress ?? '0.0.0.0'}:${clientPort}`;
}
