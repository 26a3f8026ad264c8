import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** What exists, getData, getChildren and getChildren2 ask with. */
export interface WatchedPathRequest {
  readonly path: string;
  /** Leave a one-shot watch. */
  readonly watch: boolean;
}

export function readWatchedPath(reader: JuteReader): WatchedPathRequest {
  const path = reader.readPresentString();
  return { path, watch: reader.readBool() };
}

export function writeWatchedPath(writer: JuteWriter, request: WatchedPathRequest): void {
  writer.writeString(request.path);
  writer.writeBool(request.watch);
}
