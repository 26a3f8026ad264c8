import { ErrorCode, OpCode } from '@bellwether/protocol';
import type { Mismatch } from './compare.ts';
import { FRAME_BYTES_MAX } from './limits.ts';
import { OLDER_SERVERS } from './older-servers.ts';
import { opOf } from './op-of.ts';
import type { Request } from './steps.ts';

/** What came of one request on both sides, where it was not the same. */
export interface Seen {
  /** undefined for a connect request. */
  readonly request: Request | undefined;
  readonly mismatches: readonly Mismatch[];
  /** Error code of the reply, or how the connection ended. */
  readonly bellwether: number | string;
  readonly zookeeper: number | string;
  /** How long ZooKeeper's reply is, without its length; 0 when there is none. */
  readonly zooKeeperBytes: number;
  readonly zooKeeperVersion: string;
  readonly zooKeeperServers: number;
}

/** A difference that is meant to be there. docs/differences.md says the same to readers. */
export interface KnownDifference {
  /** By which the document has it, too. */
  readonly id: string;
  readonly reason: string;
  /**
   * goOn: nothing follows from it. reconnect: the connections are not the same any more. endRound:
   * the states are not.
   */
  readonly aftermath: 'goOn' | 'reconnect' | 'endRound';
  readonly matches: (seen: Seen) => boolean;
}

/** The one that is found while events are compared. */
export const CLOSE_ORDER: KnownDifference = {
  id: 'close-order',
  reason: 'the ephemerals of a session that ends go in the order of their paths, not of a hash',
  aftermath: 'goOn',
  matches: () => false,
};

/** The one that is found while sessions are opened again. */
export const SERVER_BEHIND: KnownDifference = {
  id: 'server-behind',
  reason: 'a server that has seen less than its client catches up; ZooKeeper closes the connection',
  aftermath: 'goOn',
  matches: () => false,
};

/** The one that is found while a session is made to see what others have changed. */
export const LATE_SYNC: KnownDifference = {
  id: 'late-sync',
  reason:
    'what was acknowledged before a sync is seen after it; ZooKeeper sometimes answers before',
  aftermath: 'goOn',
  matches: () => false,
};

/** Both halves of a surrogate pair, in three bytes each. */
const HALVES = /0x(?:[0-9a-f]{2})*eda[0-9a-f]{3}edb[0-9a-f]{3}/;
const IDENTITY_FIELD = /^(acl|identity)\d+\.(id|perms|scheme|user)$/;

/** Of a server on its own, in /zookeeper/config. */
const NO_DATA = '""';

/** What /zookeeper/config says, without what each system has of its own. */
function members(data: string): string {
  return data.replaceAll(/(127\.0\.0\.1):[\d:]+/g, '$1').replace(/version=[0-9a-f]+/, 'version');
}

const CONFIG_FIELDS: ReadonlySet<string> = new Set([
  'stat.mtime',
  'stat.version',
  'stat.dataLength',
]);

const DELIBERATE: readonly KnownDifference[] = [
  CLOSE_ORDER,
  SERVER_BEHIND,
  LATE_SYNC,
  {
    id: 'surrogates',
    reason: 'a character beyond U+FFFF comes back in UTF-8, not each half of it by itself',
    aftermath: 'goOn',
    matches: ({ mismatches }) => mismatches.every(({ zookeeper }) => HALVES.test(zookeeper)),
  },
  {
    id: 'identity-order',
    reason: 'identities come in the order in which they were proved, not in that of a hash',
    aftermath: 'goOn',
    matches: ({ mismatches }) =>
      mismatches.every(({ name }) => IDENTITY_FIELD.test(name)) &&
      sorted(mismatches.map((each) => each.bellwether)) ===
        sorted(mismatches.map((each) => each.zookeeper)),
  },
  {
    id: 'null-path',
    reason: 'a path that is null makes the request malformed; ZooKeeper answers in several ways',
    aftermath: 'goOn',
    matches: ({ request, bellwether, zookeeper }) =>
      hasNullPath(request) &&
      bellwether === ErrorCode.marshallingError &&
      (zookeeper !== ErrorCode.ok || request?.op === 'addWatch' || request?.op === 'sync'),
  },
  {
    id: 'long-reply',
    reason: 'a reply longer than jute.maxbuffer is an error; ZooKeeper sends what no client takes',
    aftermath: 'goOn',
    matches: ({ bellwether, zooKeeperBytes }) =>
      bellwether === ErrorCode.marshallingError && zooKeeperBytes > FRAME_BYTES_MAX,
  },
  {
    id: 'error-without-body',
    reason: 'nothing stands behind the error of a multi or multiRead that is malformed',
    aftermath: 'goOn',
    matches: ({ request, mismatches, zookeeper }) =>
      opOf(request)?.startsWith('multi') === true &&
      zookeeper === ErrorCode.marshallingError &&
      mismatches.length === 1 &&
      mismatches[0]!.name === 'rest' &&
      mismatches[0]!.bellwether === 'nothing',
  },
  {
    id: 'empty-path-count',
    reason: 'below the root are as many znodes under its empty name as under "/"',
    aftermath: 'goOn',
    matches: ({ request, mismatches }) =>
      request?.op === 'getAllChildrenNumber' &&
      request.path === '' &&
      mismatches.every(({ name }) => name === 'count'),
  },
  {
    id: 'bare-check',
    reason: 'a check outside of a multi is answered, not refused',
    aftermath: 'reconnect',
    matches: ({ request }) => opOf(request) === 'check',
  },
  {
    id: 'config-node',
    reason: 'ports and the version of the configuration are each system’s own; one server has none',
    aftermath: 'goOn',
    matches: ({ request, mismatches }) =>
      request !== undefined &&
      (request.op === 'reconfig' || JSON.stringify(request).includes('"/zookeeper/config"')) &&
      mismatches.every(({ name, bellwether, zookeeper }) =>
        name === 'data'
          ? zookeeper === NO_DATA || members(bellwether) === members(zookeeper)
          : CONFIG_FIELDS.has(name) || (name === 'stat.mzxid' && bellwether === '0'),
      ),
  },
  {
    id: 'null-id',
    reason: 'an id in an ACL that is null is an empty one; ZooKeeper says MARSHALLINGERROR',
    aftermath: 'goOn',
    matches: ({ request, bellwether, zookeeper }) =>
      JSON.stringify(request ?? '').includes('"id":null') &&
      bellwether === ErrorCode.invalidACL &&
      zookeeper === ErrorCode.marshallingError,
  },
  {
    id: 'config-version',
    reason: 'the version of /zookeeper/config begins at -1; with ZooKeeper on its own, at 0',
    aftermath: 'endRound',
    matches: ({ request, mismatches, zooKeeperServers }) =>
      zooKeeperServers === 1 &&
      JSON.stringify(request ?? '').includes('"/zookeeper/config"') &&
      mismatches.some(({ bellwether, zookeeper }) => {
        return [bellwether, zookeeper].includes(String(ErrorCode.badVersion));
      }),
  },
  {
    id: 'quota-multi',
    reason: 'what a multi has done counts for the quotas of what it does next',
    aftermath: 'endRound',
    matches: ({ request, mismatches }) =>
      opOf(request) === 'multi' &&
      mismatches.some(({ bellwether, zookeeper }) => {
        return [bellwether, zookeeper].includes(String(ErrorCode.quotaExceeded));
      }),
  },
  {
    id: 'ipv6-acl',
    reason: 'an ACL of scheme ip may name an IPv6 address',
    aftermath: 'endRound',
    matches: ({ request, bellwether, zookeeper, mismatches }) =>
      /"scheme":"ip","id":"[^"]*:/.test(JSON.stringify(request ?? '')) &&
      (zookeeper === ErrorCode.invalidACL || opOf(request) === 'multi') &&
      (bellwether === ErrorCode.ok || mismatches.length > 0),
  },
  {
    id: 'reconfig-number',
    reason:
      'an id that is no number is a bad argument of reconfig; ZooKeeper says MARSHALLINGERROR',
    aftermath: 'goOn',
    matches: ({ request, bellwether, zookeeper }) =>
      request?.op === 'reconfig' &&
      bellwether === ErrorCode.badArguments &&
      zookeeper === ErrorCode.marshallingError,
  },
  {
    id: 'sasl-acl',
    reason: 'an ACL of scheme sasl is valid, whether a provider is configured or not',
    aftermath: 'endRound',
    matches: ({ request, bellwether, zookeeper }) =>
      request !== undefined &&
      JSON.stringify(request).includes('"scheme":"sasl"') &&
      bellwether === ErrorCode.ok &&
      zookeeper === ErrorCode.invalidACL,
  },
  {
    id: 'create-session',
    reason: 'sessions are created by connecting: the op code of that transaction is unknown',
    aftermath: 'endRound',
    matches: ({ request }) => request?.op === 'other' && request.opCode === OpCode.createSession,
  },
];

/** All of them, in the order in which they are tried. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [...DELIBERATE, ...OLDER_SERVERS];

function sorted(values: readonly string[]): string {
  return JSON.stringify([...values].sort());
}

function hasNullPath(request: Request | undefined): boolean {
  return request !== undefined && 'path' in request && request.path === null;
}

/** How often each of them was seen. */
export class KnownCounts {
  readonly counts = new Map<string, number>();

  /** The one that explains what was seen, which is counted. */
  find(seen: Seen): KnownDifference | undefined {
    const known = KNOWN_DIFFERENCES.find((each) => each.matches(seen));
    if (known !== undefined) this.count(known.id);
    return known;
  }

  count(id: string): void {
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
  }
}
