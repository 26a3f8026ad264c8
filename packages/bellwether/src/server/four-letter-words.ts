/*
 * Four-letter words: the first four bytes of a connection, where a frame would have its length. The
 * answer is text, and the connection ends with it. Names of fields and their order are ZooKeeper's.
 */
import { configuration, membershipLines, quorumConfiguration } from './configuration-report.ts';
import { connectionLine } from './connection-line.ts';
import { environment } from './environment.ts';
import { failoversJson } from './failover-report.ts';
import { healthLines } from './health-report.ts';
import { byPath, type Inspection } from './inspection.ts';
import { decimal, monitorText, monitorValues } from './monitor-values.ts';
import type { ServerReport } from './server-report.ts';
import { dumpLines } from './session-dump.ts';

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';
const hex = (value: number): string => `0x${value.toString(16)}`;
const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

type Answer = (inspection: Inspection) => string;

/** Answers that do not depend on whether anything is served. */
const ALWAYS: Readonly<Record<string, Answer>> = {
  ruok: () => 'imok',
  envi: () => lines(['Environment:', ...environment().map(([key, value]) => `${key}=${value}`)]),
  gtmk: ({ traceMask }) => String(traceMask),
  stmk: ({ traceMask }) => String(traceMask),
  isro: readOnlyState,
  dgst: digestLines,
  fovr: failoverLines,
  hlth: ({ status }) => (status === undefined ? `${NOT_SERVING}\n` : lines(healthLines(status))),
};

const WHILE_SERVING: Readonly<Record<string, Answer>> = {
  conf: configurationLines,
  cons: (inspection) =>
    lines([...inspection.connections().map((one) => connectionLine(one, 'full')), '']),
  crst: resetConnections,
  dirs: directoryLines,
  dump: (inspection) => lines(dumpLines(inspection)),
  hash: hashLine,
  mntr: monitor,
  srst: resetServer,
  srvr: (inspection) => summary(inspection, []),
  stat: (inspection) => summary(inspection, clients(inspection)),
  wchc: watchesBySession,
  wchp: watchesByPath,
  wchs: watchSummary,
};

/**
 * Every word of ZooKeeper's, `dgst`, which tells whether two nodes hold the same tree, `fovr`: the newest
 * changes of leadership that this node has seen, and `hlth`: how it and its peers are.
 */
export const FOUR_LETTER_WORDS: readonly string[] = [
  ...Object.keys(ALWAYS),
  ...Object.keys(WHILE_SERVING),
].sort();

/** Its argument, eight bytes, comes behind it. */
export const SET_TRACE_MASK = 'stmk';
export const TRACE_MASK_BYTES = 8;

/** The four characters that a bad frame length spells, or undefined when they are not a word. */
export function wordOf(length: number): string | undefined {
  const word = String.fromCharCode(
    (length >>> 24) & 0xff,
    (length >>> 16) & 0xff,
    (length >>> 8) & 0xff,
    length & 0xff,
  );
  return FOUR_LETTER_WORDS.includes(word) ? word : undefined;
}

/** What a word is answered with that is not in the whitelist. */
export function refusalOf(word: string): string {
  return `${word} is not executed because it is not in the whitelist.\n`;
}

/** The whole answer to a word, one of FOUR_LETTER_WORDS. */
export function answerWord(word: string, inspection: Inspection): string {
  const always = ALWAYS[word];
  if (always !== undefined) return always(inspection);
  if (inspection.mode === undefined) return `${NOT_SERVING}\n`;
  return WHILE_SERVING[word]?.(inspection) ?? '';
}

function readOnlyState({ mode }: Inspection): string {
  if (mode === undefined) return 'null';
  return mode === 'read-only' ? 'ro' : 'rw';
}

function digestLines(inspection: Inspection): string {
  const { zxid, digest } = inspection.digest();
  return lines([`zxid ${zxid}`, `digest ${digest}`]);
}

function failoverLines({ settings, failovers }: Inspection): string {
  return `${JSON.stringify(failoversJson(settings.node.nodeId, failovers))}\n`;
}

/** ZooKeeper keeps a digest for every 128th transaction; here it is taken now. */
function hashLine(inspection: Inspection): string {
  const { zxid, digest } = inspection.digest();
  return lines([`${zxid.toString(16)}: ${digest}`]);
}

function configurationLines(inspection: Inspection): string {
  const quorum = quorumConfiguration(inspection);
  const entries = [...configuration(inspection), ...quorum];
  const text = lines(entries.map(([key, value]) => `${key}=${value}`));
  if (quorum.length === 0) return text;
  const membership = ['membership: ', ...membershipLines(inspection)];
  return `${text}${lines(membership)}version=0`;
}

function resetConnections(inspection: Inspection): string {
  inspection.resetConnectionStats();
  return lines(['Connection stats reset.']);
}

function resetServer({ stats }: Inspection): string {
  stats.reset();
  return lines(['Server stats reset.']);
}

function directoryLines(inspection: Inspection): string {
  const { dataBytes, logBytes } = inspection.directorySizes();
  return lines([`datadir_size: ${dataBytes}`, `logdir_size: ${logBytes}`]);
}

function monitor(inspection: Inspection): string {
  const values = monitorValues(inspection.report());
  return lines(values.map(([name, value]) => `zk_${name}\t${monitorText(value)}`));
}

function clients(inspection: Inspection): readonly string[] {
  const all = inspection.connections().map((one) => connectionLine(one, 'brief'));
  return ['Clients:', ...all, ''];
}

function summary(inspection: Inspection, extra: readonly string[]): string {
  const report = inspection.report();
  const { stats, mode, learners } = report;
  const isReadOnly = mode === 'read-only';
  return lines([
    `Zookeeper version: ${report.version}`,
    ...(isReadOnly ? ['READ-ONLY mode; serving only read-only clients'] : []),
    ...extra,
    `Latency min/avg/max: ${latencies(report)}`,
    `Received: ${stats.packetsReceived}`,
    `Sent: ${stats.packetsSent}`,
    `Connections: ${report.connections}`,
    `Outstanding: ${report.outstandingRequests}`,
    `Zxid: ${hex(report.zxid)}`,
    `Mode: ${mode}`,
    `Node count: ${report.znodes}`,
    ...(learners === undefined ? [] : [`Proposal sizes last/min/max: ${proposalSizes(report)}`]),
  ]);
}

function latencies({ stats: { latencyMs } }: ServerReport): string {
  return `${Math.round(latencyMs.min)}/${decimal(latencyMs.mean)}/${Math.round(latencyMs.max)}`;
}

function proposalSizes({ stats: { proposalBytes } }: ServerReport): string {
  return `${proposalBytes.last}/${proposalBytes.min}/${proposalBytes.max}`;
}

function watchesBySession(inspection: Inspection): string {
  const watches = [...inspection.watches()];
  return lines([
    ...watches.flatMap(([id, paths]) => [hex(id), ...paths.map((path) => `\t${path}`)]),
    '',
  ]);
}

function watchesByPath(inspection: Inspection): string {
  const watches = [...byPath(inspection.watches())];
  return lines([
    ...watches.flatMap(([path, ids]) => [path, ...ids.map((id) => `\t${hex(id)}`)]),
    '',
  ]);
}

function watchSummary({ coordinator: { watches } }: Inspection): string {
  return lines([
    `${watches.watchers().size} connections watching ${watches.pathCount} paths`,
    `Total watches:${watches.watchCount}`,
  ]);
}
