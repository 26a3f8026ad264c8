import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import type { Ensemble, System } from '../ensemble.ts';
import { findBellwether, findZooKeeper, type Missing } from '../systems.ts';
import type { PeerPlan, ServerPlan } from '../zoo-config.ts';
import { EtcdRegister, etcdRoleOf, transferEtcd } from './etcd.ts';
import type { OpenRegister } from './register.ts';
import { newestFailover, type Timeline } from './timeline.ts';
import { ZookeeperRegister } from './zookeeper-register.ts';

/** A system that can be measured, and how it is written to. */
export interface FailoverSystem extends System {
  readonly openRegister: OpenRegister;
  /** Can be made to fail from inside. */
  readonly runsOnNodeJs: boolean;
  /** Speaks ZooKeeper's protocol: a tree can be made in it. */
  readonly hasTree: boolean;
  /** Has the leader hand over; undefined when the system can't. Resolves once it was told. */
  readonly transfer: ((ensemble: Ensemble, leader: number) => Promise<void>) | undefined;
  /** Of those that record their failovers. */
  readonly newestFailover?: (host: string) => Promise<Timeline | undefined>;
}

export type FailoverSystemName = 'bellwether' | 'zookeeper' | 'etcd';

const openZnode: OpenRegister = (host, name) => new ZookeeperRegister(host, name);

export const FINDERS: Readonly<Record<FailoverSystemName, () => FailoverSystem | Missing>> = {
  bellwether: () => {
    const system = findBellwether();
    return {
      ...{ ...system, openRegister: openZnode, hasTree: true, runsOnNodeJs: true },
      ...{ transfer: transferBellwether, newestFailover },
    };
  },
  zookeeper: () => {
    const system = findZooKeeper();
    if ('missing' in system) {
      return { missing: `${system.missing} (Debian: apt-get install zookeeper libzookeeper-java)` };
    }
    return {
      ...{ ...system, openRegister: openZnode, hasTree: true, runsOnNodeJs: false },
      transfer: undefined,
    };
  },
  etcd: findEtcd,
};

/**
 * Asks as `bellwether transfer` does, but from this process, and without fetch: the start of another process would take
 * half of a small machine from the servers in the very moment that is measured, and the first fetch keeps the
 * writer here waiting for as long as a change of leader.
 */
async function transferBellwether(ensemble: Ensemble, leader: number): Promise<void> {
  const { hostname, port } = new URL(`http://${ensemble.adminHost(leader)}`);
  const socket = connect({ host: hostname, port: Number(port) });
  const headers = `host: ${hostname}\r\nx-bellwether-change: yes\r\nconnection: close`;
  socket.write(`POST /commands/transfer HTTP/1.1\r\n${headers}\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += String(chunk);
  if (!answer.startsWith('HTTP/1.1 200 ')) {
    throw new Error(`the leader did not hand over: ${answer}`);
  }
}

function findEtcd(): FailoverSystem | Missing {
  const asked = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
  if (asked.status !== 0) {
    return { missing: 'etcd is not in the PATH (Debian: apt-get install etcd-server)' };
  }
  return {
    name: 'etcd',
    version: /Version: (\S+)/.exec(asked.stdout)?.[1] ?? 'of unknown version',
    command: (configFile) => ['etcd', '--config-file', configFile],
    config: etcdConfig,
    roleOf: etcdRoleOf,
    openRegister: (host, name) => new EtcdRegister(host, name),
    hasTree: false,
    runsOnNodeJs: false,
    transfer: (ensemble, leader) => transferEtcd(ensemble.hosts, leader),
  };
}

/** JSON is YAML too, which is what etcd reads. */
function etcdConfig(plan: ServerPlan): string {
  const own = plan.peers.find((peer) => peer.id === plan.id)!;
  const peerUrl = ({ address, peerPort }: PeerPlan): string => `http://${address}:${peerPort}`;
  const clientUrl = `http://${plan.address}:${plan.clientPort}`;
  return JSON.stringify({
    name: `n${plan.id}`,
    'data-dir': `${plan.directory}/data`,
    'listen-peer-urls': peerUrl(own),
    'initial-advertise-peer-urls': peerUrl(own),
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'initial-cluster': plan.peers.map((p) => `n${p.id}=${peerUrl(p)}`).join(','),
    'initial-cluster-state': 'new',
    // On by default, but for a server that has a configuration file.
    'enable-grpc-gateway': true,
  });
}
