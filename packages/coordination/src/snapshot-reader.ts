import { JuteReader, ProtocolError, readAcls, type Acl } from '@bellwether/protocol';
import { Session } from './session.ts';
import { SnapshotError } from './snapshot-error.ts';
import {
  ChunkKind,
  RecordType,
  SNAPSHOT_VERSION,
  SNAPSHOT_VERSION_MIN,
} from './snapshot-records.ts';
import { Tree } from './tree.ts';
import { Znode } from './znode.ts';
import { kindOfOwner } from './znode-kind.ts';

/** Builds a tree and its sessions from the chunks of a snapshot. */
export class SnapshotReader {
  readonly tree = new Tree();
  readonly sessions = new Map<number, Session>();
  private readonly reader = new JuteReader();
  private readonly acls = new Map<number, readonly Acl[]>();
  private readonly orphans: Znode[] = [];
  private pieces: Uint8Array[] = [];
  private hasHeader = false;
  private hasEnded = false;

  /** Throws SnapshotError malformed. The chunk may be used again afterwards. */
  add(chunk: Uint8Array): void {
    try {
      this.read(chunk);
    } catch (error) {
      if (error instanceof ProtocolError) throw malformed(error.message);
      throw error;
    }
  }

  /** All chunks have come. Throws SnapshotError incomplete or malformed. */
  finish(): void {
    if (!this.hasEnded) throw new SnapshotError('incomplete', 'the end record is missing');
    for (const orphan of this.orphans) {
      if (!this.tree.adopt(orphan)) throw malformed(`${orphan.path} has no parent`);
    }
    if (this.tree.get('/') === undefined) throw malformed('the root is missing');
  }

  private read(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.hasEnded) throw malformed('a chunk that can not be');
    if (chunk[0] === ChunkKind.records) {
      if (this.pieces.length > 0) throw malformed('a record in pieces has no last one');
      this.readRecords(chunk, 1);
    } else if (chunk[0] === ChunkKind.piece) {
      this.pieces.push(chunk.slice(1));
    } else if (chunk[0] === ChunkKind.lastPiece) {
      const record = concat([...this.pieces, chunk.subarray(1)]);
      this.pieces = [];
      this.readRecords(record, 0);
    } else {
      throw malformed(`chunk of kind ${chunk[0]}`);
    }
  }

  private readRecords(bytes: Uint8Array, offset: number): void {
    const reader = this.reader.reset(bytes, offset);
    while (reader.remaining > 0) {
      if (this.hasEnded) throw malformed('records behind the end');
      this.readRecord(reader);
    }
  }

  private readRecord(reader: JuteReader): void {
    const type = reader.readByte();
    if (this.hasHeader === (type === RecordType.header)) throw malformed('the header is first');
    switch (type) {
      case RecordType.header:
        return this.readHeader(reader);
      case RecordType.acl:
        this.acls.set(reader.readInt(), readAcls(reader));
        return;
      case RecordType.session:
        return this.readSession(reader);
      case RecordType.znode:
        return this.readZnode(reader);
      case RecordType.end:
        return this.readEnd(reader);
      default:
        throw malformed(`record of type ${type}`);
    }
  }

  private readHeader(reader: JuteReader): void {
    const version = reader.readInt();
    if (version < SNAPSHOT_VERSION_MIN || version > SNAPSHOT_VERSION) {
      throw malformed(`snapshot of version ${version}`);
    }
    reader.readLong();
    this.hasHeader = true;
  }

  private readSession(reader: JuteReader): void {
    const id = reader.readLong();
    const timeoutMs = reader.readInt();
    const owner = reader.readInt() >>> 0;
    const passwd = reader.readBuffer();
    if (passwd === null) throw malformed('a session without password');
    const session = new Session(id, new Uint8Array(passwd), timeoutMs, owner);
    this.sessions.set(id, session);
    this.tree.digest.addSession(session);
  }

  private readZnode(reader: JuteReader): void {
    const path = reader.readPresentString();
    if (this.tree.get(path) !== undefined) throw malformed(`${path} comes twice`);
    const czxid = reader.readLong();
    const mzxid = reader.readLong();
    const pzxid = reader.readLong();
    const ctime = reader.readLong();
    const mtime = reader.readLong();
    const version = reader.readInt();
    const aversion = reader.readInt();
    const childrenCreated = reader.readLong();
    const ephemeralOwnerHigh = reader.readInt();
    const ephemeralOwnerLow = reader.readInt() >>> 0;
    const kind = kindOfOwner({ ephemeralOwnerHigh, ephemeralOwnerLow });
    const acls = this.acls.get(reader.readInt());
    if (acls === undefined) throw malformed(`${path} has an unknown ACL`);
    const data = reader.readBuffer();
    const acl = this.tree.acls.acquire(acls);
    const znode = new Znode(path, acl, czxid, ctime, kind, 0);
    znode.mzxid = mzxid;
    znode.pzxid = pzxid;
    znode.mtime = mtime;
    znode.version = version;
    znode.aversion = aversion;
    znode.childrenCreated = childrenCreated;
    if (this.tree.restore(znode, data) === 'orphan') this.orphans.push(znode);
  }

  private readEnd(reader: JuteReader): void {
    const znodes = reader.readLong();
    const sessions = reader.readLong();
    if (znodes !== this.tree.znodes.size || sessions !== this.sessions.size) {
      throw new SnapshotError('incomplete', `${this.tree.znodes.size} znodes of ${znodes}`);
    }
    this.hasEnded = true;
  }
}

function malformed(message: string): SnapshotError {
  return new SnapshotError('malformed', message);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
