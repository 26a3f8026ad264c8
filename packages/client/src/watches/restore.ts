import {
  OpCode,
  SpecialXid,
  writeSetWatches2Request,
  writeSetWatchesRequest,
  type JuteWriter,
} from '@bellwether/protocol';
import { RESTORE_BYTES_MAX } from '../limits.ts';
import { LASTING_KINDS, ONE_SHOT_KINDS, type WatchKind, type WatchRegistry } from './registry.ts';

type Lists = Record<WatchKind, string[]>;

/**
 * Writes the requests that set all watches again on a new connection, each of bounded size. Returns
 * how many answers are to come.
 *
 * @param relativeZxid up to which the client was told: the server tells of what was changed since
 */
export function writeRestore(
  writer: JuteWriter,
  registry: WatchRegistry,
  relativeZxid: number,
): number {
  let count = 0;
  for (const lists of split(registry)) {
    const start = writer.beginFrame();
    const hasLasting = LASTING_KINDS.some((kind) => lists[kind].length > 0);
    writer.writeInt(SpecialXid.setWatches);
    // Servers before 3.6 know only the first, and clients of theirs have no persistent watches.
    writer.writeInt(hasLasting ? OpCode.setWatches2 : OpCode.setWatches);
    const oneShot = {
      relativeZxid,
      dataWatches: lists.data,
      existWatches: lists.exists,
      childWatches: lists.children,
    };
    if (hasLasting) {
      const persistentWatches = lists.persistent;
      const persistentRecursiveWatches = lists.recursive;
      const lasting = { persistentWatches, persistentRecursiveWatches };
      writeSetWatches2Request(writer, { ...oneShot, ...lasting });
    } else {
      writeSetWatchesRequest(writer, oneShot);
    }
    writer.endFrame(start);
    count++;
  }
  return count;
}

function* split(registry: WatchRegistry): Iterable<Lists> {
  let lists = empty();
  let bytes = 0;
  for (const kind of [...ONE_SHOT_KINDS, ...LASTING_KINDS]) {
    for (const path of registry.paths(kind)) {
      // At most three bytes for each UTF-16 unit, and the length before them.
      const size = 4 + path.length * 3;
      if (bytes > 0 && bytes + size > RESTORE_BYTES_MAX) {
        yield lists;
        lists = empty();
        bytes = 0;
      }
      lists[kind].push(path);
      bytes += size;
    }
  }
  if (bytes > 0) yield lists;
}

function empty(): Lists {
  return { data: [], exists: [], children: [], persistent: [], recursive: [] };
}
