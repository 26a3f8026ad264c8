import { readAcls, writeAcls, type Acl } from '../acl.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readStat, writeStat, type Stat } from '../stat.ts';

/** class GetACLRequest { ustring path; } */
export interface GetAclRequest {
  readonly path: string;
}

export function readGetAclRequest(reader: JuteReader): GetAclRequest {
  return { path: reader.readPresentString() };
}

export function writeGetAclRequest(writer: JuteWriter, request: GetAclRequest): void {
  writer.writeString(request.path);
}

/** class GetACLResponse { vector<ACL> acl; Stat stat; } */
export interface GetAclResponse {
  readonly acls: readonly Acl[];
  readonly stat: Stat;
}

export function readGetAclResponse(reader: JuteReader): GetAclResponse {
  const acls = readAcls(reader);
  return { acls, stat: readStat(reader) };
}

export function writeGetAclResponse(writer: JuteWriter, acls: readonly Acl[], stat: Stat): void {
  writeAcls(writer, acls);
  writeStat(writer, stat);
}
