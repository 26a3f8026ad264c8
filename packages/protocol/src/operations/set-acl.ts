import { readAcls, writeAcls, type Acl } from '../acl.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readStat, writeStat, type Stat } from '../stat.ts';

/** class SetACLRequest { ustring path; vector<ACL> acl; int version; } */
export interface SetAclRequest {
  readonly path: string;
  readonly acls: readonly Acl[];
  /** The expected aversion; -1: whatever it is. */
  readonly version: number;
}

export function readSetAclRequest(reader: JuteReader): SetAclRequest {
  const path = reader.readPresentString();
  const acls = readAcls(reader);
  return { path, acls, version: reader.readInt() };
}

export function writeSetAclRequest(writer: JuteWriter, request: SetAclRequest): void {
  writer.writeString(request.path);
  writeAcls(writer, request.acls);
  writer.writeInt(request.version);
}

/** class SetACLResponse { Stat stat; } */
export interface SetAclResponse {
  readonly stat: Stat;
}

export function readSetAclResponse(reader: JuteReader): SetAclResponse {
  return { stat: readStat(reader) };
}

export function writeSetAclResponse(writer: JuteWriter, stat: Stat): void {
  writeStat(writer, stat);
}
