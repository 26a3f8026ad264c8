import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readWatchedPath, writeWatchedPath, type WatchedPathRequest } from './watched-path.ts';

/** class GetChildrenRequest { ustring path; boolean watch; } */
export type GetChildrenRequest = WatchedPathRequest;

export function readGetChildrenRequest(reader: JuteReader): GetChildrenRequest {
  return readWatchedPath(reader);
}

export function writeGetChildrenRequest(writer: JuteWriter, request: GetChildrenRequest): void {
  writeWatchedPath(writer, request);
}

/** class GetChildrenResponse { vector<ustring> children; }: names, not paths, in no order. */
export interface GetChildrenResponse {
  readonly children: readonly string[];
}

export function readGetChildrenResponse(reader: JuteReader): GetChildrenResponse {
  return { children: reader.readStrings() };
}

/** `count` is how many `children` yields. */
export function writeGetChildrenResponse(
  writer: JuteWriter,
  children: Iterable<string>,
  count: number,
): void {
  writer.writeInt(count);
  for (const child of children) writer.writeString(child);
}
