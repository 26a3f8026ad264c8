import { JuteWriter, writeAcls } from '@bellwether/protocol';
import type { Session } from './session.ts';
import { writeSessionRecord, writeZnodeRecord } from './snapshot-records.ts';
import type { Tree } from './tree.ts';
import type { Znode } from './znode.ts';

/**
 * A digest of everything that is replicated, in 32 hexadecimal digits: each znode (path, data, all
 * that its Stat is made of, ACL, how many children) and each session is hashed by itself, and the
 * hashes are summed and xored, so that the order in which they come does not matter. It finds
 * nodes that differ; it is no protection against somebody who wants it not to. Takes about a
 * second for a million znodes.
 */
export function digestOf(tree: Tree, sessions: ReadonlyMap<number, Session>): string {
  const lanes = new DigestLanes();
  const writer = new JuteWriter(4096);
  for (const znode of tree.znodes.values()) {
    writer.reset();
    writeForDigest(writer, znode);
    lanes.add(writer.view());
  }
  for (const session of sessions.values()) {
    writer.reset();
    writeSessionRecord(writer, session);
    lanes.add(writer.view());
  }
  return lanes.toString();
}

/** ACLs by content: their ids are each node's own. */
function writeForDigest(writer: JuteWriter, znode: Znode): void {
  writeZnodeRecord(writer, znode, 0);
  writer.writeInt(znode.numChildren);
  writeAcls(writer, znode.acl.acls);
}

class DigestLanes {
  private sumA = 0;
  private sumB = 0;
  private xorA = 0;
  private xorB = 0;

  add(bytes: Uint8Array): void {
    let a = 0x9e3779b9 ^ bytes.length;
    let b = 0x85ebca6b ^ bytes.length;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b ^ byte, 0x5bd1e995);
      b ^= b >>> 15;
    }
    a = mix(a);
    b = mix(b);
    this.sumA = (this.sumA + a) | 0;
    this.sumB = (this.sumB + b) | 0;
    this.xorA ^= mix(a + b);
    this.xorB ^= mix(a ^ b);
  }

  toString(): string {
    const lanes = [this.sumA, this.sumB, this.xorA, this.xorB];
    return lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

/** Spreads every bit over all others (the finisher of MurmurHash3). */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
