import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { readStat, writeStat, type Stat } from '../stat.ts';

/**
 * Answers create2, createContainer and createTTL. The request is that of create.
 *
 *   class Create2Response { ustring path; Stat stat; }
 */
export interface Create2Response {
  readonly path: string;
  readonly stat: Stat;
}

export function readCreate2Response(reader: JuteReader): Create2Response {
  const path = reader.readPresentString();
  return { path, stat: readStat(reader) };
}

export function writeCreate2Response(writer: JuteWriter, path: string, stat: Stat): void {
  writer.writeString(path);
  writeStat(writer, stat);
}
