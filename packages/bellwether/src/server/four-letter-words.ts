/*
 * Four-letter words: the first four bytes of a connection, where a frame would have its length. The
 * answer is text, and the connection ends with it. Names of fields and their order are ZooKeeper's.
 */

/** ZooKeeper's words that are answered here, and `dgst`, which tells whether two nodes hold the same tree. */
export const FOUR_LETTER_WORDS = ['ruok', 'srvr', 'stat', 'mntr', 'dgst'] as const;

/** Every word that Apache ZooKeeper knows; one of them that is not whitelisted is refused by name. */
const ZOOKEEPER_WORDS: ReadonlySet<string> = new Set([
  ...FOUR_LETTER_WORDS,
  ...['conf', 'cons', 'crst', 'dirs', 'dump', 'envi', 'gtmk', 'hash', 'isro'],
  ...['srst', 'stmk', 'wchc', 'wchp', 'wchs'],
]);

export type ServerMode = 'leader' | 'follower' | 'observer' | 'standalone';

/** A client's connection, as `stat` lists it. */
export interface ConnectionReport {
  readonly remote: string;
  readonly queued: number;
  readonly received: number;
  readonly sent: number;
}

/** What the words tell, taken at one moment. */
export interface ServerReport {
  readonly version: string;
  /** undefined while no leader serves this node. */
  readonly mode: ServerMode | undefined;
  readonly latencyMsMin: number;
  readonly latencyMsMean: number;
  readonly latencyMsMax: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly connectionsRejected: number;
  readonly connectionsDropped: number;
  readonly outstandingRequests: number;
  readonly zxid: number;
  readonly znodes: number;
  readonly watches: number;
  readonly ephemerals: number;
  readonly sessions: number;
  readonly openFiles: number;
  readonly openFilesMax: number;
  readonly uptimeMs: number;
  readonly connections: readonly ConnectionReport[];
  /** undefined unless this node leads. */
  readonly followers: FollowersReport | undefined;
}

export interface FollowersReport {
  /** All that follow: ZooKeeper counts observers among them here. */
  readonly learners: number;
  readonly followers: number;
  readonly synced: number;
  readonly syncedObservers: number;
  readonly quorumSize: number;
}

/** Equal on all nodes that have applied the same zxid. */
export interface StateDigest {
  readonly zxid: number;
  /** In hexadecimal. */
  readonly digest: string;
}

/** The four characters that a bad frame length spells, or undefined when they are not a word. */
export function wordOf(length: number): string | undefined {
  const word = String.fromCharCode(
    (length >>> 24) & 0xff,
    (length >>> 16) & 0xff,
    (length >>> 8) & 0xff,
    length & 0xff,
  );
  return ZOOKEEPER_WORDS.has(word) ? word : undefined;
}

/**
 * The whole answer to a word.
 *
 * @param whitelist words that may be answered
 * @param report taken only when the word needs it
 * @param digest the same; it looks at the whole tree
 */
export function answerWord(
  word: string,
  whitelist: readonly string[],
  report: () => ServerReport,
  digest: () => StateDigest,
): string {
  if (!whitelist.includes(word)) {
    return `${word} is not executed because it is not in the whitelist.\n`;
  }
  switch (word) {
    case 'ruok':
      return 'imok';
    case 'dgst':
      return digestLines(digest());
    case 'srvr':
    case 'stat':
    case 'mntr':
      return answerServing(word, report());
    default:
      return `${word} is not implemented by this server.\n`;
  }
}

function answerServing(word: 'srvr' | 'stat' | 'mntr', report: ServerReport): string {
  if (report.mode === undefined) {
    return 'This ZooKeeper instance is not currently serving requests\n';
  }
  if (word === 'mntr') return monitor(report, report.mode);
  return summary(report, report.mode, word === 'stat' ? clients(report.connections) : []);
}

function digestLines({ zxid, digest }: StateDigest): string {
  return `zxid ${zxid}\ndigest ${digest}\n`;
}

function clients(connections: readonly ConnectionReport[]): readonly string[] {
  const lines = connections.map(
    (c) => ` /${c.remote}[1](queued=${c.queued},recved=${c.received},sent=${c.sent})`,
  );
  return ['Clients:', ...lines, ''];
}

function summary(report: ServerReport, mode: ServerMode, extra: readonly string[]): string {
  const { latencyMsMin, latencyMsMean, latencyMsMax } = report;
  const latency = `${Math.round(latencyMsMin)}/${decimal(latencyMsMean)}/${Math.round(latencyMsMax)}`;
  return lines([
    `Zookeeper version: ${report.version}`,
    ...extra,
    `Latency min/avg/max: ${latency}`,
    `Received: ${report.packetsReceived}`,
    `Sent: ${report.packetsSent}`,
    `Connections: ${report.connections.length}`,
    `Outstanding: ${report.outstandingRequests}`,
    `Zxid: 0x${report.zxid.toString(16)}`,
    `Mode: ${mode}`,
    `Node count: ${report.znodes}`,
  ]);
}

function monitor(report: ServerReport, mode: ServerMode): string {
  const values: (readonly [string, string | number])[] = [
    ['version', report.version],
    ['server_state', mode],
    ['ephemerals_count', report.ephemerals],
    ['num_alive_connections', report.connections.length],
    ['avg_latency', decimal(report.latencyMsMean)],
    ['outstanding_requests', report.outstandingRequests],
    ['znode_count', report.znodes],
    ['global_sessions', report.sessions],
    ['packets_sent', report.packetsSent],
    ['packets_received', report.packetsReceived],
    ['watch_count', report.watches],
    ['min_latency', Math.round(report.latencyMsMin)],
    ['max_file_descriptor_count', report.openFilesMax],
    ['open_file_descriptor_count', report.openFiles],
    ['local_sessions', 0],
    ['uptime', Math.round(report.uptimeMs)],
    ['max_latency', Math.round(report.latencyMsMax)],
    ['connection_rejected', report.connectionsRejected],
    ['connection_drop_count', report.connectionsDropped],
    ...followers(report.followers),
  ];
  return lines(values.map(([name, value]) => `zk_${name}\t${value}`));
}

function followers(report: FollowersReport | undefined): (readonly [string, number])[] {
  if (report === undefined) return [];
  return [
    ['learners', report.learners],
    ['followers', report.followers],
    ['synced_followers', report.synced],
    ['synced_observers', report.syncedObservers],
    ['quorum_size', report.quorumSize],
  ];
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;

/** As Java prints it: always with a fraction. */
function decimal(value: number): string {
  const rounded = Math.round(value * 10_000) / 10_000;
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}
