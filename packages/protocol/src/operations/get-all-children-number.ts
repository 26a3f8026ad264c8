import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** class GetAllChildrenNumberRequest { ustring path; } */
export interface GetAllChildrenNumberRequest {
  readonly path: string;
}

export function readGetAllChildrenNumberRequest(reader: JuteReader): GetAllChildrenNumberRequest {
  return { path: reader.readPresentString() };
}

export function writeGetAllChildrenNumberRequest(
  writer: JuteWriter,
  request: GetAllChildrenNumberRequest,
): void {
  writer.writeString(request.path);
}

/** class GetAllChildrenNumberResponse { int totalNumber; }: descendants of every depth. */
export interface GetAllChildrenNumberResponse {
  readonly totalNumber: number;
}

export function readGetAllChildrenNumberResponse(reader: JuteReader): GetAllChildrenNumberResponse {
  return { totalNumber: reader.readInt() };
}

export function writeGetAllChildrenNumberResponse(writer: JuteWriter, totalNumber: number): void {
  writer.writeInt(totalNumber);
}
