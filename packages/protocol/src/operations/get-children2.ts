import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readStat, writeStat, type Stat } from '../stat.ts';
import { writeGetChildrenResponse } from './get-children.ts';
import { readWatchedPath, writeWatchedPath, type WatchedPathRequest } from './watched-path.ts';

/** class GetChildren2Request { ustring path; boolean watch; } */
export type GetChildren2Request = WatchedPathRequest;

export function readGetChildren2Request(reader: JuteReader): GetChildren2Request {
  return readWatchedPath(reader);
}

export function writeGetChildren2Request(writer: JuteWriter, request: GetChildren2Request): void {
  writeWatchedPath(writer, request);
}

/** class GetChildren2Response { vector<ustring> children; Stat stat; } */
export interface GetChildren2Response {
  readonly children: readonly string[];
  readonly stat: Stat;
}

export function readGetChildren2Response(reader: JuteReader): GetChildren2Response {
  const children = reader.readStrings();
  return { children, stat: readStat(reader) };
}

/** `children` yields stat.numChildren names. */
export function writeGetChildren2Response(
  writer: JuteWriter,
  children: Iterable<string>,
  stat: Stat,
): void {
  writeGetChildrenResponse(writer, children, stat.numChildren);
  writeStat(writer, stat);
}
