import type { ConsensusMember, Member } from '@bellwether/cluster';
import type { MemberConfig } from '../node-config.ts';

/*
 * What the servers of a cluster tell each other of a member beyond what its peers need, in the member's
 * note: `electionPort;clientAddress:clientPort`, either half empty when it isn't known. The election
 * port is ZooKeeper's: nothing listens there, but whoever named it finds it again.
 */

/** A member of the settings as the consensus takes it. */
export function consensusMemberOf(config: MemberConfig): ConsensusMember {
  const { id, host, port, kind, priority } = config;
  return { id, host, port, role: kind, priority: priority ?? 1, note: noteOf(config) };
}

/** A member as it is known to all, in the form of the settings. */
export function memberConfigOf({ id, host, port, role, priority, note }: Member): MemberConfig {
  const [election = '', client = ''] = note.split(';');
  const colon = client.lastIndexOf(':');
  const clientPort = portIn(client.slice(colon + 1));
  const electionPort = portIn(election);
  return {
    ...{ id, kind: role, host, port, priority, clientPort },
    ...(clientPort === undefined ? {} : { clientAddress: client.slice(0, colon) }),
    ...(electionPort === undefined ? {} : { electionPort }),
  };
}

function noteOf({ electionPort, clientAddress, clientPort }: MemberConfig): string {
  if (electionPort === undefined && clientPort === undefined) return '';
  const client = clientPort === undefined ? '' : `${clientAddress ?? ANYWHERE}:${clientPort}`;
  return `${electionPort ?? ''};${client}`;
}

/** How ZooKeeper shows a client port without an address. */
const ANYWHERE = '0.0.0.0';

function portIn(digits: string): number | undefined {
  return /^\d{1,5}$/.test(digits) ? Number(digits) : undefined;
}

/** A member as a line of a zoo.cfg, and of /zookeeper/config. */
export function serverLine(config: MemberConfig): string {
  const { id, host, port, electionPort, kind, clientAddress, clientPort } = config;
  const role = kind === 'learner' ? 'observer' : 'participant';
  const address = clientAddress ?? ANYWHERE;
  const client = clientPort === undefined ? '' : `;${bracketed(address)}:${clientPort}`;
  return `server.${id}=${bracketed(host)}:${port}:${electionPort ?? port}:${role}${client}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
