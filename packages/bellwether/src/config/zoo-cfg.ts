import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { MemberConfig, NodeConfig, SessionConfig } from '../node-config.ts';
import { checkMembers, checkPortsDiffer, checkSession, type Placed } from './checks.ts';
import { CLUSTER_ID_DEFAULT, FOUR_LETTER_WORDS_DEFAULT, LOG_DEFAULT } from './defaults.ts';
import { readZooDigest } from './digest-settings.ts';
import type { Findings, Place } from './findings.ts';
import { FOUR_LETTER_WORDS } from '../server/four-letter-words.ts';
import { resolveWords, withReadOnlyWord } from './four-letter-words.ts';
import { readProperties } from './properties.ts';
import { isHost, NODE_ID_MAX, PORT_MAX } from './settings-schema.ts';
import { suggestion } from './suggest.ts';
import { readZooAdmin, readZooLimits, readZooReadOnly } from './zoo-limits.ts';
import { reportZooKey } from './zoo-keys.ts';
import { readZooMembers, type ZooMember } from './zoo-members.ts';
import { ZooSettings } from './zoo-settings.ts';
import { readZooTiming } from './zoo-timing.ts';

/** ZooKeeper's, in ms. */
const TICK_TIME_DEFAULT = 3_000;
const SESSION_TICKS_MIN = 2;
const SESSION_TICKS_MAX = 20;
const INT_MAX = 2 ** 31 - 1;
/** Data of a ZooKeeper server lies in `version-2` beside it and is left alone. */
const DATA_SUBDIRECTORY = 'bellwether';
/** Of a server that has no `server.N` lines and no myid. */
const STANDALONE_ID = 1;

/**
 * Reads an existing ZooKeeper configuration (`zoo.cfg`) and the `myid` file it points to. Every key
 * has a say in `findings` unless it means the same here.
 *
 * @returns undefined when `findings` has errors
 */
export function readZooConfig(
  text: string,
  file: string,
  findings: Findings,
): NodeConfig | undefined {
  const properties = readProperties(text, file, findings);
  const settings = new ZooSettings(properties, file, findings);
  addDynamicConfig(settings, findings);
  for (const property of settings.properties()) reportZooKey(property, findings);

  const dataDir = readDataDir(settings, findings);
  const members = readZooMembers(settings, findings);
  const nodeId = readNodeId(dataDir, members, settings, findings);
  const own = members.find((member) => member.config.id === nodeId?.value);
  const client = readClient(settings, own, findings);
  checkAll(members, nodeId, client, findings);
  const tickTimeMs = settings.whole('tickTime', 1, INT_MAX) ?? TICK_TIME_DEFAULT;
  const session = readSession(settings, tickTimeMs, findings);
  const timing = readZooTiming(settings, tickTimeMs);
  const limits = readZooLimits(settings);
  const readOnly = readZooReadOnly(settings);
  const digest = readZooDigest(settings, findings);
  const admin = readZooAdmin(settings, findings);
  const fourLetterWords = withReadOnlyWord(readWords(settings, findings), readOnly);
  const peerListen = readPeerListen(settings, own);
  if (findings.hasErrors || dataDir === undefined || nodeId === undefined) return undefined;
  return {
    clusterId: CLUSTER_ID_DEFAULT,
    nodeId: nodeId.value,
    dataDir: join(dataDir.value, DATA_SUBDIRECTORY),
    client: { address: client.address, port: client.port.value },
    peerListen,
    members: resolveMembers(members, nodeId.value, client.port.value),
    // ZooKeeper's servers that are to join list the members, and themselves: they can't win an election.
    start: 'founds',
    removeDeadAfterMs: undefined,
    reconfig:
      settings.text('reconfigEnabled')?.value.toLowerCase() === 'true' ? 'allowed' : 'refused',
    readOnly,
    digest,
    saslUsers: new Map(),
    admin,
    session,
    limits,
    timing,
    fourLetterWords,
    log: LOG_DEFAULT,
  };
}

/** ZooKeeper moves the `server.N` lines there when membership may change while it runs. */
function addDynamicConfig(settings: ZooSettings, findings: Findings): void {
  const property = settings.property('dynamicConfigFile');
  if (property === undefined) return;
  try {
    const text = readFileSync(property.value, 'utf8');
    settings.add(readProperties(text, property.value, findings));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const what = `dynamicConfigFile cannot be read (${reason})`;
    findings.error(property.valuePlace, what, 'correct the path, or write the server lines here');
  }
}

function readDataDir(settings: ZooSettings, findings: Findings): Placed<string> | undefined {
  const property = settings.property('dataDir');
  if (property === undefined || property.value === '') {
    const place = property?.place ?? settings.filePlace;
    findings.error(place, 'dataDir is missing', 'add dataDir=/path/of/a/directory');
    return undefined;
  }
  const value = resolve(property.value);
  const place = property.valuePlace;
  if (existsSync(join(value, 'version-2'))) {
    const advice = `this node keeps its own data in ${join(value, DATA_SUBDIRECTORY)}`;
    findings.warn(place, `data of a ZooKeeper server in ${value} is not read`, advice);
  }
  return { value, place };
}

function readNodeId(
  dataDir: Placed<string> | undefined,
  members: readonly ZooMember[],
  settings: ZooSettings,
  findings: Findings,
): Placed<number> | undefined {
  if (dataDir === undefined) return undefined;
  const file = join(dataDir.value, 'myid');
  const isAlone = !settings.hasServerLines;
  const text = readMyId(file);
  if (text === undefined && isAlone) return { value: STANDALONE_ID, place: settings.filePlace };
  const ids = members.map((member) => member.config.id).join(', ');
  if (text === undefined) {
    const advice = `write this node's id into it (one of ${ids})`;
    findings.error(dataDir.place, `there is no file ${file}`, advice);
    return undefined;
  }
  const place: Place = { file, line: 1, column: 1 };
  const id = Number(text);
  if (/^\d+$/.test(text) && id >= 1 && id <= NODE_ID_MAX) return { value: id, place };
  const advice = `it must hold a whole number from 1 to ${NODE_ID_MAX} and nothing else`;
  findings.error(place, `"${text.slice(0, 40)}" is not a node's id`, advice);
  return undefined;
}

function readMyId(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

interface ZooClient {
  readonly address: string | undefined;
  readonly port: Placed<number>;
}

/** From the own server line, or else from clientPort and clientPortAddress. */
function readClient(
  settings: ZooSettings,
  own: ZooMember | undefined,
  findings: Findings,
): ZooClient {
  const property = settings.property('clientPort');
  const port = settings.whole('clientPort', 0, PORT_MAX);
  const address = settings.text('clientPortAddress');
  if (address !== undefined && !isHost(address.value)) {
    const what = `clientPortAddress is "${address.value}"`;
    findings.error(address.place, what, 'it must be a host name or an IP address');
  }
  const ownPort = own?.config.clientPort;
  if (own !== undefined && ownPort !== undefined) {
    if (port !== undefined && port !== ownPort) {
      const what = `clientPort is ${port}, but this node's server line says ${ownPort}`;
      findings.error(property?.place ?? own.place, what, 'write the same port in both places');
    }
    const placed = { value: ownPort, place: own.place };
    return { address: own.clientAddress ?? address?.value, port: placed };
  }
  // A node that doesn't know which line is its own has been told so already.
  const isUnknown = own === undefined && settings.hasServerLines;
  if (property === undefined && !isUnknown) {
    findings.error(settings.filePlace, 'clientPort is missing', 'add clientPort=2181');
  }
  const place = property?.valuePlace ?? settings.filePlace;
  return { address: address?.value, port: { value: port ?? 0, place } };
}

function readPeerListen(settings: ZooSettings, own: ZooMember | undefined) {
  if (own === undefined) return undefined;
  const onAll = settings.text('quorumListenOnAllIPs')?.value.toLowerCase() === 'true';
  return { address: onAll ? undefined : own.config.host, port: own.config.port };
}

function checkAll(
  members: readonly ZooMember[],
  nodeId: Placed<number> | undefined,
  client: ZooClient,
  findings: Findings,
): void {
  const placed = members.map(({ config, place }) => ({ value: config, place }));
  const ids = placed.map(({ value, place }) => ({ value: value.id, place }));
  checkMembers({ ids, members: placed, nodeId }, findings);
  const own = placed.find(({ value }) => value.id === nodeId?.value);
  if (own !== undefined) checkPortsDiffer(client.port, own.value.port, findings);
}

function readSession(settings: ZooSettings, tickTimeMs: number, findings: Findings): SessionConfig {
  const bound = (key: string, ticks: number): number => {
    // ZooKeeper writes -1 for "derived from tickTime".
    const value = settings.whole(key, -1, INT_MAX) ?? -1;
    return value > 0 ? value : tickTimeMs * ticks;
  };
  const session = {
    timeoutMsMin: bound('minSessionTimeout', SESSION_TICKS_MIN),
    timeoutMsMax: bound('maxSessionTimeout', SESSION_TICKS_MAX),
  };
  const property =
    settings.property('minSessionTimeout') ??
    settings.property('maxSessionTimeout') ??
    settings.property('tickTime');
  checkSession(session, property?.place ?? settings.filePlace, findings);
  return session;
}

function readWords(settings: ZooSettings, findings: Findings): readonly string[] {
  const list = settings.text('4lw.commands.whitelist');
  if (list === undefined) return FOUR_LETTER_WORDS_DEFAULT;
  const words = list.value.split(',').flatMap((word) => word.trim().toLowerCase() || []);
  for (const word of words) {
    if (word === '*' || FOUR_LETTER_WORDS.includes(word)) continue;
    const what = `there is no four-letter word "${word}"`;
    findings.warn(list.place, what, suggestion(word, FOUR_LETTER_WORDS));
  }
  // Always answered, as in ZooKeeper: scripts that start and stop it depend on that.
  return resolveWords([...words, 'srvr']);
}

function resolveMembers(
  members: readonly ZooMember[],
  nodeId: number,
  clientPort: number,
): readonly MemberConfig[] {
  if (members.length > 0) return members.map(({ config }) => config).sort((a, b) => a.id - b.id);
  return [{ id: nodeId, kind: 'voter', host: '127.0.0.1', port: 0, clientPort }];
}
