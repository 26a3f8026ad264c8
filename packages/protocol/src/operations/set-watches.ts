import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/**
 * Sent with xid SpecialXid.setWatches after a reconnect. The reply is a header alone, behind the
 * events that were missed.
 *
 *   class SetWatches { long relativeZxid; vector<ustring> dataWatches;
 *     vector<ustring> existWatches; vector<ustring> childWatches; }
 */
export interface SetWatchesRequest {
  /** The newest zxid that the client has seen. */
  readonly relativeZxid: number;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
}

export function readSetWatchesRequest(reader: JuteReader): SetWatchesRequest {
  return {
    relativeZxid: reader.readLong(),
    dataWatches: reader.readStrings(),
    existWatches: reader.readStrings(),
    childWatches: reader.readStrings(),
  };
}

export function writeSetWatchesRequest(writer: JuteWriter, request: SetWatchesRequest): void {
  writer.writeLong(request.relativeZxid);
  writer.writeStrings(request.dataWatches);
  writer.writeStrings(request.existWatches);
  writer.writeStrings(request.childWatches);
}
