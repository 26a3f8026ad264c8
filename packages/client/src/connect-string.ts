import { ClientError } from './errors.ts';

const DEFAULT_PORT = 2181;

/** A server's name or address, and its port for clients. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** What a connect string says. */
export interface ConnectString {
  readonly hosts: readonly HostPort[];
  /** `/` when there is none. */
  readonly chroot: string;
}

/**
 * Reads `host:port,host:port/chroot`. The port may be left out (2181), IPv6 is in brackets, and one
 * chroot stands behind all hosts. Throws `badArguments`.
 */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf('/');
  const list = slash === -1 ? text : text.slice(0, slash);
  const chroot = slash === -1 ? '/' : text.slice(slash).replace(/(.)\/$/, '$1');
  const parts = list.split(',').map((part) => part.trim());
  const hosts = parts.filter((part) => part !== '').map(parseHost);
  if (hosts.length === 0) throw mistake(text, 'names no server');
  return { hosts, chroot };
}

function parseHost(text: string): HostPort {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? DEFAULT_PORT);
  if (host === undefined || port < 1 || port > 65_535) throw mistake(text, 'is no host:port');
  return { host, port };
}

function mistake(text: string, what: string): ClientError {
  return new ClientError('badArguments', { message: `${JSON.stringify(text)} ${what}` });
}
