import { ownerAsNumber, type OwnerWords } from './ephemeral-owner.ts';
import type { JuteReader } from './jute-reader.ts';
import type { JuteWriter } from './jute-writer.ts';

/**
 * What a client learns about a znode besides its data.
 *
 *   class Stat { long czxid; long mzxid; long ctime; long mtime; int version; int cversion;
 *     int aversion; long ephemeralOwner; int dataLength; int numChildren; long pzxid; }
 */
export interface Stat extends OwnerWords {
  /** zxid of its creation, of its last change of data, of the last change of its children. */
  readonly czxid: number;
  readonly mzxid: number;
  /** Creation and last change of data, ms since 1970. */
  readonly ctime: number;
  readonly mtime: number;
  /** Changes of the data, of the children, of the ACL. */
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  /**
   * Session id of the owner of an ephemeral; 0 for every other kind. The nearest number where 53
   * bits are not enough: the two words of OwnerWords are exact, and are what is written.
   */
  readonly ephemeralOwner: number;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: number;
}

export function readStat(reader: JuteReader): Stat {
  const czxid = reader.readLong();
  const mzxid = reader.readLong();
  const ctime = reader.readLong();
  const mtime = reader.readLong();
  const version = reader.readInt();
  const cversion = reader.readInt();
  const aversion = reader.readInt();
  const owner = { ephemeralOwnerHigh: reader.readInt(), ephemeralOwnerLow: reader.readInt() >>> 0 };
  return {
    czxid,
    mzxid,
    ctime,
    mtime,
    version,
    cversion,
    aversion,
    ...owner,
    ephemeralOwner: ownerAsNumber(owner),
    dataLength: reader.readInt(),
    numChildren: reader.readInt(),
    pzxid: reader.readLong(),
  };
}

export function writeStat(writer: JuteWriter, stat: Stat): void {
  writer.writeLong(stat.czxid);
  writer.writeLong(stat.mzxid);
  writer.writeLong(stat.ctime);
  writer.writeLong(stat.mtime);
  writer.writeInt(stat.version);
  writer.writeInt(stat.cversion);
  writer.writeInt(stat.aversion);
  writer.writeInt(stat.ephemeralOwnerHigh);
  writer.writeInt(stat.ephemeralOwnerLow);
  writer.writeInt(stat.dataLength);
  writer.writeInt(stat.numChildren);
  writer.writeLong(stat.pzxid);
}
