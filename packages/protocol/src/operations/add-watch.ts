import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** class AddWatchRequest { ustring path; int mode; } */
export interface AddWatchRequest {
  /** Nothing needs to be there. */
  readonly path: string;
  /** Usually an AddWatchMode. */
  readonly mode: number;
}

export function readAddWatchRequest(reader: JuteReader): AddWatchRequest {
  const path = reader.readPresentString();
  return { path, mode: reader.readInt() };
}

export function writeAddWatchRequest(writer: JuteWriter, request: AddWatchRequest): void {
  writer.writeString(request.path);
  writer.writeInt(request.mode);
}

/** class ErrorResponse { int err; }: 0, since a failure has no body. */
export interface AddWatchResponse {
  readonly error: number;
}

export function readAddWatchResponse(reader: JuteReader): AddWatchResponse {
  return { error: reader.readInt() };
}

export function writeAddWatchResponse(writer: JuteWriter): void {
  writer.writeInt(0);
}
