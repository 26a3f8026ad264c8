import { dirname, resolve } from 'node:path';
import { completeTiming } from '@bellwether/cluster';
import type { z } from 'zod';
import type { AdminConfig, MemberConfig, NodeConfig } from '../node-config.ts';
import {
  checkMembers,
  checkPortsDiffer,
  checkSession,
  checkTiming,
  type Placed,
} from './checks.ts';
import {
  ADMIN_ADDRESS_DEFAULT,
  ADMIN_PATH_DEFAULT,
  CLIENT_PORT_DEFAULT,
  CLUSTER_ID_DEFAULT,
  DIGEST_DEFAULT,
  FOUR_LETTER_WORDS_DEFAULT,
  LIMITS_DEFAULT,
  LOG_DEFAULT,
  SESSION_DEFAULT,
} from './defaults.ts';
import { checkSuperUser } from './digest-settings.ts';
import type { Findings } from './findings.ts';
import { resolveWords, withReadOnlyWord } from './four-letter-words.ts';
import {
  clientSchema,
  digestSchema,
  type PeerSettings,
  peerSchema,
  type Settings,
  sessionSchema,
  settingsSchema,
  timingSchema,
} from './settings-schema.ts';
import { reportIssue } from './yaml-issues.ts';
import { YamlDocument } from './yaml-document.ts';

/**
 * Reads Bellwether's own settings.
 *
 * @param file - for messages, and to resolve a relative `dataDir` against its directory
 * @returns undefined when `findings` has errors
 */
export function readYamlConfig(
  text: string,
  file: string,
  findings: Findings,
): NodeConfig | undefined {
  const document = new YamlDocument(text, file, findings);
  if (document.value === undefined) return undefined;
  const parsed = settingsSchema.safeParse(document.value ?? {});
  for (const issue of parsed.error?.issues ?? []) reportIssue(issue, document, findings);
  checkRules(document, findings);
  if (!parsed.success || findings.hasErrors) return undefined;
  return resolveSettings(parsed.data, file);
}

/**
 * Rules between values, each applied to those parts that are well-formed by themselves: a mistake
 * in one place must not hide those in others.
 */
function checkRules(document: YamlDocument, findings: Findings): void {
  const root = isRecord(document.value) ? document.value : {};
  const client = wellFormed(clientSchema, root['client'] ?? {});
  const nodeId = wellFormed(settingsSchema.shape.nodeId, root['nodeId']);
  const members = wellFormedPeers(document, root);
  const placedId =
    nodeId === undefined ? undefined : { value: nodeId, place: document.placeOf(['nodeId']) };
  checkMembers({ ids: wellFormedIds(document, root), members, nodeId: placedId }, findings);

  const own = members.find((member) => member.value.id === nodeId)?.value;
  if (client && own) {
    const port = { value: client.port ?? CLIENT_PORT_DEFAULT, place: clientPlace(document) };
    checkPortsDiffer(port, own.port, findings);
    checkOwnClientPort(port, own, findings);
  }
  const session = wellFormed(sessionSchema, root['session'] ?? {});
  if (session) {
    checkSession(withDefaults(SESSION_DEFAULT, session), document.placeOf(['session']), findings);
  }
  const timing = wellFormed(timingSchema, root['timing'] ?? {});
  if (timing) {
    checkTiming(completeTiming(timing), document.placeOf(['timing']), findings);
  }
  const digest = wellFormed(digestSchema, root['digest'] ?? {});
  if (digest) {
    const place = document.placeOf(['digest', 'superUser']);
    checkSuperUser(withDefaults(DIGEST_DEFAULT, digest), place, findings);
  }
  checkPeerListen(document, root, findings);
  checkJoin(document, root, findings);
}

function clientPlace(document: YamlDocument) {
  return document.placeOf(['client', 'port']);
}

function wellFormedIds(
  document: YamlDocument,
  root: Readonly<Record<string, unknown>>,
): Placed<number>[] {
  const peers: unknown[] = Array.isArray(root['peers']) ? root['peers'] : [];
  const ids: Placed<number>[] = [];
  for (const [position, peer] of peers.entries()) {
    const id = isRecord(peer) ? wellFormed(peerSchema.shape.id, peer['id']) : undefined;
    if (id === undefined) continue;
    ids.push({ value: id, place: document.placeOf(['peers', position, 'id']) });
  }
  return ids;
}

function wellFormedPeers(
  document: YamlDocument,
  root: Readonly<Record<string, unknown>>,
): Placed<MemberConfig>[] {
  const peers: unknown[] = Array.isArray(root['peers']) ? root['peers'] : [];
  const members: Placed<MemberConfig>[] = [];
  for (const [position, peer] of peers.entries()) {
    const settings = wellFormed(peerSchema, peer);
    if (!settings) continue;
    members.push({ value: memberOf(settings), place: document.placeOf(['peers', position]) });
  }
  return members;
}

function checkOwnClientPort(port: Placed<number>, own: MemberConfig, findings: Findings): void {
  if (own.clientPort === undefined || own.clientPort === port.value) return;
  const what = `client.port is ${port.value}, but peers say ${own.clientPort} for this node`;
  findings.error(port.place, what, 'write the same port in both places');
}

function checkPeerListen(
  document: YamlDocument,
  root: Readonly<Record<string, unknown>>,
  findings: Findings,
): void {
  if (root['peerListenAddress'] === undefined || root['peers'] !== undefined) return;
  const place = document.placeOfKey(['peerListenAddress']);
  findings.warn(place, 'peerListenAddress has no effect', 'there are no peers');
}

function checkJoin(
  document: YamlDocument,
  root: Readonly<Record<string, unknown>>,
  findings: Findings,
): void {
  if (root['join'] !== true || root['peers'] !== undefined) return;
  const advice = 'list the members under peers, and this node with them';
  findings.error(document.placeOfKey(['join']), 'there is nobody to join', advice);
}

function resolveSettings(settings: Settings, file: string): NodeConfig {
  const members = resolveMembers(settings);
  const own = members.find((member) => member.id === settings.nodeId);
  const peerPort = own?.port ?? 0;
  const address = settings.peerListenAddress ?? own?.host;
  const readOnly = settings.client?.readOnly === true ? 'served' : 'refused';
  const words = resolveWords(settings.fourLetterWords ?? FOUR_LETTER_WORDS_DEFAULT);
  return {
    clusterId: settings.clusterId ?? CLUSTER_ID_DEFAULT,
    nodeId: settings.nodeId,
    dataDir: resolve(dirname(file), settings.dataDir),
    client: {
      address: settings.client?.address,
      port: settings.client?.port ?? CLIENT_PORT_DEFAULT,
    },
    peerListen: settings.peers ? { address, port: peerPort } : undefined,
    members,
    start: settings.join === true ? 'joins' : 'founds',
    removeDeadAfterMs: settings.removeDeadAfterMs,
    reconfig: settings.client?.reconfig === true ? 'allowed' : 'refused',
    readOnly,
    digest: withDefaults(DIGEST_DEFAULT, settings.digest),
    saslUsers: new Map(Object.entries(settings.sasl?.users ?? {})),
    admin: resolveAdmin(settings),
    session: withDefaults(SESSION_DEFAULT, settings.session),
    limits: withDefaults(LIMITS_DEFAULT, settings.limits),
    timing: completeTiming(settings.timing),
    fourLetterWords: withReadOnlyWord(words, readOnly),
    log: withDefaults(LOG_DEFAULT, settings.log),
  };
}

/** Only where it is asked for: it tells much to everybody who can reach it. */
function resolveAdmin({ admin }: Settings): AdminConfig | undefined {
  if (admin === undefined) return undefined;
  const { address, port, path, changes } = admin;
  return {
    address: address ?? ADMIN_ADDRESS_DEFAULT,
    port,
    commandPath: path ?? ADMIN_PATH_DEFAULT,
    changes: changes ?? 'local',
  };
}

function resolveMembers(settings: Settings): readonly MemberConfig[] {
  if (settings.peers) return settings.peers.map(memberOf).sort((a, b) => a.id - b.id);
  const clientPort = settings.client?.port ?? CLIENT_PORT_DEFAULT;
  return [{ id: settings.nodeId, kind: 'voter', host: '127.0.0.1', port: 0, clientPort }];
}

function memberOf(peer: PeerSettings): MemberConfig {
  const { id, host, port, clientPort, priority } = peer;
  return { id, kind: peer.role ?? 'voter', host, port, clientPort, priority };
}

function withDefaults<T extends object>(
  defaults: T,
  given: { readonly [K in keyof T]?: T[K] | undefined } | undefined,
): T {
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(entries) as Partial<T>) };
}

function wellFormed<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
