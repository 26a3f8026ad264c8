import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** class GetEphemeralsRequest { ustring prefixPath; } */
export interface GetEphemeralsRequest {
  /** null, blank or `/`: all of the session's. */
  readonly prefixPath: string | null;
}

export function readGetEphemeralsRequest(reader: JuteReader): GetEphemeralsRequest {
  return { prefixPath: reader.readString() };
}

export function writeGetEphemeralsRequest(writer: JuteWriter, request: GetEphemeralsRequest): void {
  writer.writeString(request.prefixPath);
}

/** class GetEphemeralsResponse { vector<ustring> ephemerals; }: whole paths, in no order. */
export interface GetEphemeralsResponse {
  readonly ephemerals: readonly string[];
}

export function readGetEphemeralsResponse(reader: JuteReader): GetEphemeralsResponse {
  return { ephemerals: reader.readStrings() };
}

export function writeGetEphemeralsResponse(
  writer: JuteWriter,
  ephemerals: readonly string[],
): void {
  writer.writeStrings(ephemerals);
}
