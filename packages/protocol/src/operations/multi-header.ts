import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** class MultiHeader { int type; boolean done; int err; }, before each part and at the end. */
export interface MultiHeader {
  readonly type: number;
  readonly done: boolean;
  readonly error: number;
}

export function readMultiHeader(reader: JuteReader): MultiHeader {
  const type = reader.readInt();
  const done = reader.readBool();
  return { type, done, error: reader.readInt() };
}

export function writeMultiHeader(writer: JuteWriter, type: number, error: number): void {
  writer.writeInt(type);
  writer.writeBool(false);
  writer.writeInt(error);
}

export function writeMultiEnd(writer: JuteWriter): void {
  writer.writeInt(-1);
  writer.writeBool(true);
  writer.writeInt(-1);
}
