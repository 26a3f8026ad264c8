import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readWatchQuery, writeWatchQuery, type WatchQuery } from './watch-query.ts';

/**
 * Takes the watch away. The reply is a header alone, noWatcher when there is none.
 *
 *   class RemoveWatchesRequest { ustring path; int type; }
 */
export type RemoveWatchesRequest = WatchQuery;

export function readRemoveWatchesRequest(reader: JuteReader): RemoveWatchesRequest {
  return readWatchQuery(reader);
}

export function writeRemoveWatchesRequest(writer: JuteWriter, request: RemoveWatchesRequest): void {
  writeWatchQuery(writer, request);
}
