import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** class DeleteRequest { ustring path; int version; }. The reply is a header alone. */
export interface DeleteRequest {
  readonly path: string;
  /** -1: whatever it is. */
  readonly version: number;
}

export function readDeleteRequest(reader: JuteReader): DeleteRequest {
  const path = reader.readPresentString();
  return { path, version: reader.readInt() };
}

export function writeDeleteRequest(writer: JuteWriter, request: DeleteRequest): void {
  writer.writeString(request.path);
  writer.writeInt(request.version);
}
