import type { MemberConfig } from '../node-config.ts';
import type { Findings, Place } from './findings.ts';
import type { Property } from './properties.ts';
import { NODE_ID_MAX } from './settings-schema.ts';
import { isServerKey } from './zoo-keys.ts';
import { readZooServer, type ZooServer } from './zoo-server-line.ts';
import type { ZooSettings } from './zoo-settings.ts';

export interface ZooMember {
  readonly config: MemberConfig;
  readonly clientAddress: string | undefined;
  readonly place: Place;
}

/** The `server.N` lines, in the order of the file; those with mistakes are reported and left out. */
export function readZooMembers(settings: ZooSettings, findings: Findings): ZooMember[] {
  const lines = settings.properties().filter(({ key }) => isServerKey(key));
  const first = lines[0];
  if (first !== undefined) {
    const advice = 'nodes speak through the first port alone; elections need none of their own';
    findings.note(first.place, 'the second port of the server lines is not used', advice);
  }
  return lines.flatMap((line) => readMember(line, findings) ?? []);
}

function readMember(line: Property, findings: Findings): ZooMember | undefined {
  const id = Number(line.key.slice('server.'.length));
  if (id < 1 || id > NODE_ID_MAX) {
    const advice = `ids are whole numbers from 1 to ${NODE_ID_MAX}`;
    findings.error(line.place, `"${line.key}" has no possible id`, advice);
    return undefined;
  }
  const server = readZooServer(line.value);
  if ('mistake' in server) {
    findings.error(line.valuePlace, `${line.key}=${line.value}`, server.mistake);
    return undefined;
  }
  reportOtherAddresses(line, server, findings);
  const { host, port, electionPort, kind, clientPort, clientAddress } = server;
  const config = { id, kind, host, port, electionPort, clientAddress, clientPort };
  return { config, clientAddress, place: line.place };
}

function reportOtherAddresses(line: Property, server: ZooServer, findings: Findings): void {
  if (server.otherAddresses.length === 0) return;
  const advice = `only the first is used, ${server.host} port ${server.port}`;
  findings.warn(line.valuePlace, `${line.key} has several addresses`, advice);
}
