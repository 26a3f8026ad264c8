import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/**
 * Follows a reply header with xid SpecialXid.event.
 *
 *   class WatcherEvent { int type; int state; ustring path; }
 */
export interface WatcherEvent {
  /** Usually a WatchEventType. */
  readonly type: number;
  /** Usually a KeeperState. */
  readonly state: number;
  readonly path: string;
}

export function readWatcherEvent(reader: JuteReader): WatcherEvent {
  const type = reader.readInt();
  const state = reader.readInt();
  return { type, state, path: reader.readPresentString() };
}

export function writeWatcherEvent(
  writer: JuteWriter,
  type: number,
  state: number,
  path: string,
): void {
  writer.writeInt(type);
  writer.writeInt(state);
  writer.writeString(path);
}
