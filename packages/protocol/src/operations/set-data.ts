import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readStat, writeStat, type Stat } from '../stat.ts';

/** class SetDataRequest { ustring path; buffer data; int version; } */
export interface SetDataRequest {
  readonly path: string;
  readonly data: Uint8Array | null;
  /** -1: whatever it is. */
  readonly version: number;
}

/** `data` is a view of the reader's bytes. */
export function readSetDataRequest(reader: JuteReader): SetDataRequest {
  const path = reader.readPresentString();
  const data = reader.readBuffer();
  return { path, data, version: reader.readInt() };
}

export function writeSetDataRequest(writer: JuteWriter, request: SetDataRequest): void {
  writer.writeString(request.path);
  writer.writeBuffer(request.data);
  writer.writeInt(request.version);
}

/** class SetDataResponse { Stat stat; } */
export interface SetDataResponse {
  readonly stat: Stat;
}

export function readSetDataResponse(reader: JuteReader): SetDataResponse {
  return { stat: readStat(reader) };
}

export function writeSetDataResponse(writer: JuteWriter, stat: Stat): void {
  writeStat(writer, stat);
}
