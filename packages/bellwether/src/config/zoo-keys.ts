import { closest } from './suggest.ts';
import type { Findings } from './findings.ts';
import type { Property } from './properties.ts';

/** Keys that have the same meaning here; zoo-cfg.ts reads them. */
const USED = [
  'dataDir',
  'clientPort',
  'clientPortAddress',
  'tickTime',
  'syncLimit',
  'minSessionTimeout',
  'maxSessionTimeout',
  'maxClientCnxns',
  'maxCnxns',
  'jute.maxbuffer',
  'globalOutstandingLimit',
  'enforceQuota',
  'znode.container.checkIntervalMs',
  'znode.container.maxNeverUsedIntervalMs',
  'readonlymode.enabled',
  'admin.enableServer',
  'admin.serverPort',
  'admin.serverAddress',
  'admin.commandURL',
  '4lw.commands.whitelist',
  'DigestAuthenticationProvider.digestAlg',
  'DigestAuthenticationProvider.superDigest',
  'quorumListenOnAllIPs',
  'reconfigEnabled',
  'dynamicConfigFile',
] as const;

const SELF_CLEANING = 'snapshots are taken and removed by themselves';
const SELF_TUNING = 'followers catch up at their own pace, and failures are found by heartbeats';
const OWN_LIMITS = 'queues have limits of their own';

/** Keys of ZooKeeper's that nothing is lost without, and why. */
const NOT_NEEDED: Readonly<Record<string, string>> = {
  initLimit: SELF_TUNING,
  connectToLearnerMasterLimit: SELF_TUNING,
  cnxTimeout: SELF_TUNING,
  electionAlg: 'there is one election algorithm',
  electionPortBindRetry: 'the election port is not used',
  snapCount: SELF_CLEANING,
  snapSizeLimitInKb: SELF_CLEANING,
  commitLogCount: SELF_CLEANING,
  preAllocSize: 'the log preallocates by itself',
  syncEnabled: 'learners always keep a log',
  extendedTypesEnabled: 'znodes with a time to live need no switch',
  standaloneEnabled: 'a single member is a cluster of one',
  globalOutstandingLimitBytes: OWN_LIMITS,
  'znode.container.maxPerMinute': OWN_LIMITS,
  serverCnxnFactory: 'there is one way to serve connections',
  peerType: 'roles are read from the server lines',
  localSessionsEnabled: 'every session is known to the whole cluster',
  localSessionsUpgradingEnabled: 'every session is known to the whole cluster',
  'multiAddress.enabled': 'the first address of each server line is used',
  'multiAddress.reachabilityCheckEnabled': 'the first address of each server line is used',
  'multiAddress.reachabilityCheckTimeoutMs': 'the first address of each server line is used',
};

/** Keys whose effect will be missed by whoever wrote them, and what happens instead. */
const MISSED: Readonly<Record<string, string>> = {
  dataLogDir: 'the log is kept in dataDir; put dataDir on the device that was meant for the log',
  secureClientPort: 'encrypted client connections are not there yet; the port stays closed',
  secureClientPortAddress: 'encrypted client connections are not there yet',
  leaderServes: 'the leader serves clients too',
  forceSync: 'every write is flushed before it is acknowledged, whatever this says',
  skipACL: 'access control lists are always checked',
  clientPortListenBacklog: 'the system decides',
  flushDelay: 'writes that wait for the same flush are grouped by themselves',
  maxBatchSize: 'writes that wait for the same flush are grouped by themselves',
  tcpKeepAlive: 'connections to other nodes have heartbeats',
};

/** The same for families of keys. */
const FAMILIES: readonly { readonly prefix: string; readonly instead: string }[] = [
  { prefix: 'autopurge.', instead: SELF_CLEANING },
  { prefix: 'admin.', instead: 'the admin server speaks plain HTTP, and has no passwords' },
  { prefix: 'metricsProvider.', instead: 'metrics are answered by the four-letter word mntr' },
  { prefix: 'ssl.', instead: 'encrypted connections are not there yet' },
  { prefix: 'kerberos.', instead: 'Kerberos is not there yet' },
  { prefix: 'fsync.', instead: 'slow flushes are reported by themselves' },
  { prefix: 'zookeeper.', instead: 'system properties of the Java server have no effect' },
  { prefix: 'quorum.cnxn.', instead: SELF_TUNING },
];

/** Protection that was asked for and would be missing: refused, never dropped. */
const REFUSED: Readonly<Record<string, string>> = {
  sslQuorum: 'connections between nodes are not encrypted yet',
  requireClientAuthScheme: 'clients cannot be forced to authenticate yet',
  sessionRequireClientSASLAuth: 'clients cannot be forced to authenticate yet',
  'enforce.auth.enabled': 'clients cannot be forced to authenticate yet',
  'quorum.auth.enableSasl': 'nodes do not authenticate to each other with SASL yet',
  'quorum.auth.learnerRequireSasl': 'nodes do not authenticate to each other with SASL yet',
  'quorum.auth.serverRequireSasl': 'nodes do not authenticate to each other with SASL yet',
};
const REFUSED_FAMILIES: readonly { readonly prefix: string; readonly why: string }[] = [
  { prefix: 'authProvider.', why: 'authentication plug-ins of the Java server cannot be loaded' },
  { prefix: 'group.', why: 'every voter counts the same, there are no groups of them' },
  { prefix: 'weight.', why: 'every voter counts the same, there are no weights' },
];

const SERVER_KEY = /^server\.(\d+)$/;

export function isServerKey(key: string): boolean {
  return SERVER_KEY.test(key);
}

/** Says of every key that has no meaning here what happens to it. */
export function reportZooKey(property: Property, findings: Findings): void {
  const { key, value, place } = property;
  if ((USED as readonly string[]).includes(key) || isServerKey(key)) return;
  const written = `${key}=${value}`;

  const why = REFUSED[key] ?? REFUSED_FAMILIES.find(({ prefix }) => key.startsWith(prefix))?.why;
  if (why !== undefined) {
    if (isSwitchedOff(value)) findings.note(place, written, 'already off');
    else
      findings.error(place, `${written} cannot be honoured`, `${why}; remove it if that is fine`);
    return;
  }
  const notNeeded = NOT_NEEDED[key];
  if (notNeeded !== undefined) {
    findings.note(place, `${written} is not needed`, notNeeded);
    return;
  }
  const instead = MISSED[key] ?? FAMILIES.find(({ prefix }) => key.startsWith(prefix))?.instead;
  if (instead !== undefined) findings.warn(place, `${written} has no effect`, instead);
  else reportUnknown(property, findings);
}

function reportUnknown({ key, place }: Property, findings: Findings): void {
  const meant = closest(key, ZOO_KEYS);
  const advice = meant === undefined ? 'it has no effect' : `did you mean "${meant}"?`;
  findings.warn(place, `there is no setting "${key}"`, advice);
}

function isSwitchedOff(value: string): boolean {
  return value === '' || value.toLowerCase() === 'false' || value.toLowerCase() === 'no';
}

const ZOO_KEYS: readonly string[] = [
  ...USED,
  ...Object.keys(NOT_NEEDED),
  ...Object.keys(MISSED),
  ...Object.keys(REFUSED),
  'server.1',
  'autopurge.snapRetainCount',
  'autopurge.purgeInterval',
];
