import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readWatchQuery, writeWatchQuery, type WatchQuery } from './watch-query.ts';

/**
 * Whether the session has such a watch. The reply is a header alone, noWatcher when there is none.
 *
 *   class CheckWatchesRequest { ustring path; int type; }
 */
export type CheckWatchesRequest = WatchQuery;

export function readCheckWatchesRequest(reader: JuteReader): CheckWatchesRequest {
  return readWatchQuery(reader);
}

export function writeCheckWatchesRequest(writer: JuteWriter, request: CheckWatchesRequest): void {
  writeWatchQuery(writer, request);
}
