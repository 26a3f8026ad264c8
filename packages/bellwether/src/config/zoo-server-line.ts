import { isHost, PORT_MAX } from './settings-schema.ts';

/** What a `server.N` line says. */
export interface ZooServer {
  readonly host: string;
  /** The quorum port: the one that other nodes connect to. */
  readonly port: number;
  /** Where ZooKeeper elects; nothing listens there. */
  readonly electionPort: number;
  readonly kind: 'voter' | 'learner';
  /** Behind the semicolon; undefined when there is none. */
  readonly clientAddress: string | undefined;
  readonly clientPort: number | undefined;
  /** Further addresses of the same node, which are not used. */
  readonly otherAddresses: readonly string[];
}

/** What is wrong with a line, to be read after `server.N=...: `. */
export interface ZooServerMistake {
  readonly mistake: string;
}

const FORM = 'write host:port:port[:role][;[address:]clientPort]';
const ROLES: Readonly<Record<string, ZooServer['kind']>> = {
  participant: 'voter',
  observer: 'learner',
};

/**
 * Reads `host:quorumPort:electionPort[:role][;[clientAddress:]clientPort]`, where several
 * `host:...:...` may stand between bars and IPv6 addresses stand in brackets.
 */
export function readZooServer(value: string): ZooServer | ZooServerMistake {
  const [servers = '', client, ...more] = value.split(';');
  if (more.length > 0) return { mistake: `there are two semicolons; ${FORM}` };
  const addresses = servers.split('|').map((address) => address.trim());
  const parsed = addresses.map(readAddress);
  const mistake = parsed.find((address) => 'mistake' in address);
  if (mistake) return mistake;
  const first = parsed.find((address) => 'host' in address);
  const clientPart = client === undefined ? NO_CLIENT : readClient(client.trim());
  if (!first) return { mistake: FORM };
  if ('mistake' in clientPart) return clientPart;
  return { ...first, ...clientPart, otherAddresses: addresses.slice(1) };
}

type ServerAddress = Pick<ZooServer, 'host' | 'port' | 'electionPort' | 'kind'>;

function readAddress(text: string): ServerAddress | ZooServerMistake {
  const [host = '', port, electionPort, role, ...more] = splitAtColons(text);
  if (!isHost(host)) return { mistake: `"${host}" is not a host name or address; ${FORM}` };
  if (port === undefined || electionPort === undefined || more.length > 0) {
    return { mistake: `"${text}" does not have the right number of parts; ${FORM}` };
  }
  for (const digits of [port, electionPort]) {
    if (!isPort(digits, 1)) return { mistake: `"${digits}" is not a port (1 to ${PORT_MAX})` };
  }
  const kind = ROLES[(role ?? 'participant').toLowerCase()];
  if (!kind) return { mistake: `"${role}" is not a role; write participant or observer` };
  return { host, port: Number(port), electionPort: Number(electionPort), kind };
}

type ClientPart = Pick<ZooServer, 'clientAddress' | 'clientPort'>;

const NO_CLIENT: ClientPart = { clientAddress: undefined, clientPort: undefined };

function readClient(text: string): ClientPart | ZooServerMistake {
  const parts = splitAtColons(text);
  const port = parts.at(-1) ?? '';
  const address = parts.length > 1 ? parts[0] : undefined;
  if (parts.length > 2 || !isPort(port, 0)) {
    return { mistake: `";${text}" is not a client port; write ;2181 or ;address:2181` };
  }
  if (address !== undefined && !isHost(address)) {
    return { mistake: `"${address}" is not an address for clients` };
  }
  return { clientAddress: address, clientPort: Number(port) };
}

/** Parts between colons; colons within brackets belong to an IPv6 address, whose brackets go. */
function splitAtColons(text: string): string[] {
  const parts = text.match(/\[[^\]]*\]|[^:]+|(?<=:)(?=:|$)/g) ?? [];
  return parts.map((part) => part.replace(/^\[(.*)\]$/, '$1').trim());
}

function isPort(digits: string, min: number): boolean {
  return /^\d{1,5}$/.test(digits) && Number(digits) >= min && Number(digits) <= PORT_MAX;
}
