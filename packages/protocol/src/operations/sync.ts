import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** class SyncRequest { ustring path; } */
export interface SyncRequest {
  readonly path: string;
}

export function readSyncRequest(reader: JuteReader): SyncRequest {
  return { path: reader.readPresentString() };
}

export function writeSyncRequest(writer: JuteWriter, request: SyncRequest): void {
  writer.writeString(request.path);
}

/** class SyncResponse { ustring path; } */
export interface SyncResponse {
  readonly path: string;
}

export function readSyncResponse(reader: JuteReader): SyncResponse {
  return { path: reader.readPresentString() };
}

export function writeSyncResponse(writer: JuteWriter, path: string): void {
  writer.writeString(path);
}
