import type { Member } from '@bellwether/cluster';
import type { ReconfigRequest } from '@bellwether/protocol';
import { readZooServer } from '../config/zoo-server-line.ts';
import { consensusMemberOf } from './member-note.ts';

export type ReconfigReading =
  | { readonly members: readonly Member[] }
  /** What is wrong with the request. */
  | { readonly mistake: string };

/**
 * The members that a reconfig asks for: all that it names, or those there are (`current`) with some
 * joining and some leaving. Who joins under the id of a member takes its place, with its priority.
 */
export function membersAskedFor(
  request: ReconfigRequest,
  current: readonly Member[],
): ReconfigReading {
  const { newMembers, joiningServers, leavingServers } = request;
  try {
    if (newMembers !== null) return { members: listOf(newMembers, current) };
    const leaving = partsOf(leavingServers ?? '').map(idIn);
    const joining = partsOf(joiningServers ?? '').map((line) => memberIn(line, current));
    const isStaying = ({ id }: Member): boolean =>
      !leaving.includes(id) && !joining.some((member) => member.id === id);
    return { members: [...current.filter(isStaying), ...joining] };
  } catch (error) {
    if (error instanceof Mistake) return { mistake: error.message };
    throw error;
  }
}

class Mistake extends Error {}

function partsOf(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function idIn(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Mistake(`"${text}" is not the id of a server`);
  return Number(text);
}

/** As a file of the dynamic configuration: the version that it may name is no wish. */
function listOf(text: string, current: readonly Member[]): readonly Member[] {
  const lines = partsOf(text).filter((line) => !line.startsWith('version='));
  return lines.map((line) => memberIn(line, current));
}

function memberIn(line: string, current: readonly Member[]): Member {
  const [key = '', value, ...more] = line.split('=');
  if (value === undefined || more.length > 0 || !key.startsWith('server.')) {
    throw new Mistake(`"${line}" is not server.N=host:port:port[:role];[address:]clientPort`);
  }
  const id = idIn(key.slice('server.'.length));
  const server = readZooServer(value);
  if ('mistake' in server) throw new Mistake(server.mistake);
  if (server.clientPort === undefined) throw new Mistake(`"${line}" names no client port`);
  const { host, port, electionPort, kind, clientAddress, clientPort } = server;
  const { priority = 1 } = current.find((member) => member.id === id) ?? {};
  const config = { id, host, port, electionPort, kind, clientAddress, clientPort, priority };
  const { role = 'voter', note = '' } = consensusMemberOf(config);
  return { id, host, port, role, priority, note };
}
