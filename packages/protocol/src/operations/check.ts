import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** class CheckVersionRequest { ustring path; int version; }, a part of a multi. */
export interface CheckRequest {
  readonly path: string;
  /** -1: the znode must exist, nothing else. */
  readonly version: number;
}

export function readCheckRequest(reader: JuteReader): CheckRequest {
  const path = reader.readPresentString();
  return { path, version: reader.readInt() };
}

export function writeCheckRequest(writer: JuteWriter, request: CheckRequest): void {
  writer.writeString(request.path);
  writer.writeInt(request.version);
}
