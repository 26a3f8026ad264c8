import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** What checkWatches and removeWatches ask with. */
export interface WatchQuery {
  readonly path: string;
  /** Usually a WatcherType. */
  readonly type: number;
}

export function readWatchQuery(reader: JuteReader): WatchQuery {
  const path = reader.readPresentString();
  return { path, type: reader.readInt() };
}

export function writeWatchQuery(writer: JuteWriter, query: WatchQuery): void {
  writer.writeString(query.path);
  writer.writeInt(query.type);
}
