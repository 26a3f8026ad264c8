import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import {
  readSetWatchesRequest,
  writeSetWatchesRequest,
  type SetWatchesRequest,
} from './set-watches.ts';

/**
 * setWatches with the watches of addWatch, under the same xid. Those are not told what was changed
 * meanwhile, only registered.
 *
 *   class SetWatches2 { long relativeZxid; vector<ustring> dataWatches;
 *     vector<ustring> existWatches; vector<ustring> childWatches;
 *     vector<ustring> persistentWatches; vector<ustring> persistentRecursiveWatches; }
 */
export interface SetWatches2Request extends SetWatchesRequest {
  readonly persistentWatches: readonly string[];
  readonly persistentRecursiveWatches: readonly string[];
}

export function readSetWatches2Request(reader: JuteReader): SetWatches2Request {
  const request = readSetWatchesRequest(reader);
  const persistentWatches = reader.readStrings();
  return { ...request, persistentWatches, persistentRecursiveWatches: reader.readStrings() };
}

export function writeSetWatches2Request(writer: JuteWriter, request: SetWatches2Request): void {
  writeSetWatchesRequest(writer, request);
  writer.writeStrings(request.persistentWatches);
  writer.writeStrings(request.persistentRecursiveWatches);
}
