import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readStat, writeStat, type Stat } from '../stat.ts';
import { readWatchedPath, writeWatchedPath, type WatchedPathRequest } from './watched-path.ts';

/** class GetDataRequest { ustring path; boolean watch; } */
export type GetDataRequest = WatchedPathRequest;

export function readGetDataRequest(reader: JuteReader): GetDataRequest {
  return readWatchedPath(reader);
}

export function writeGetDataRequest(writer: JuteWriter, request: GetDataRequest): void {
  writeWatchedPath(writer, request);
}

/** class GetDataResponse { buffer data; Stat stat; } */
export interface GetDataResponse {
  readonly data: Uint8Array | null;
  readonly stat: Stat;
}

/** `data` is a view of the reader's bytes. */
export function readGetDataResponse(reader: JuteReader): GetDataResponse {
  const data = reader.readBuffer();
  return { data, stat: readStat(reader) };
}

export function writeGetDataResponse(
  writer: JuteWriter,
  data: Uint8Array | null,
  stat: Stat,
): void {
  writer.writeBuffer(data);
  writeStat(writer, stat);
}
