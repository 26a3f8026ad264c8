import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readStat, writeStat, type Stat } from '../stat.ts';
import { readWatchedPath, writeWatchedPath, type WatchedPathRequest } from './watched-path.ts';

/** class ExistsRequest { ustring path; boolean watch; } */
export type ExistsRequest = WatchedPathRequest;

export function readExistsRequest(reader: JuteReader): ExistsRequest {
  return readWatchedPath(reader);
}

export function writeExistsRequest(writer: JuteWriter, request: ExistsRequest): void {
  writeWatchedPath(writer, request);
}

/** class ExistsResponse { Stat stat; } */
export interface ExistsResponse {
  readonly stat: Stat;
}

export function readExistsResponse(reader: JuteReader): ExistsResponse {
  return { stat: readStat(reader) };
}

export function writeExistsResponse(writer: JuteWriter, stat: Stat): void {
  writeStat(writer, stat);
}
