import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/**
 * class ReconfigRequest { ustring joiningServers; ustring leavingServers; ustring newMembers; long
 * curConfigId; }; the response is that of getData for the configuration.
 */
export interface ReconfigRequest {
  /** `server.N=...` lines with commas between; null or with `newMembers` null. */
  readonly joiningServers: string | null;
  /** Ids with commas between. */
  readonly leavingServers: string | null;
  /** All members, as lines with commas between; null for a change by joining and leaving. */
  readonly newMembers: string | null;
  /** The version that is to be changed; -1: whichever it is. */
  readonly curConfigId: number;
}

export function readReconfigRequest(reader: JuteReader): ReconfigRequest {
  const joiningServers = reader.readString();
  const leavingServers = reader.readString();
  const newMembers = reader.readString();
  return { joiningServers, leavingServers, newMembers, curConfigId: reader.readLong() };
}

export function writeReconfigRequest(writer: JuteWriter, request: ReconfigRequest): void {
  writer.writeString(request.joiningServers);
  writer.writeString(request.leavingServers);
  writer.writeString(request.newMembers);
  writer.writeLong(request.curConfigId);
}
