import type { Session } from './session.ts';
import { SnapshotChunks } from './snapshot-chunks.ts';
import { SnapshotError } from './snapshot-error.ts';
import * as records from './snapshot-records.ts';
import type { ChangeObserver, Tree } from './tree.ts';
import type { Znode } from './znode.ts';

/**
 * A snapshot of the state at one index, while later commands go on being applied.
 *
 * Znodes are serialised slice by slice in the order of the tree's map. Before a znode that has not
 * had its turn is changed or deleted, it is serialised at once, as it is; each znode carries the
 * number of the newest snapshot that is done with it, so it comes only once. Znodes that are
 * created meanwhile carry that number from the beginning. What waits to be fetched grows by what is
 * changed between two slices, at most to the size of the tree.
 */
export class SnapshotWriter implements ChangeObserver, Iterator<Uint8Array, undefined> {
  private readonly tree: Tree;
  private readonly chunks: SnapshotChunks;
  private readonly znodes: Iterator<Znode>;
  private readonly number: number;
  private readonly znodesTotal: number;
  private readonly sessionsTotal: number;
  private znodesWritten = 0;
  private state: 'running' | 'ended' | 'superseded' = 'running';

  constructor(
    tree: Tree,
    sessions: ReadonlyMap<number, Session>,
    index: number,
    chunkBytesMax: number,
  ) {
    this.tree = tree;
    this.chunks = new SnapshotChunks(chunkBytesMax);
    this.number = ++tree.snapshotNumber;
    this.znodesTotal = tree.znodes.size;
    this.sessionsTotal = sessions.size;
    this.znodes = tree.znodes.values();
    this.writeBeginning(sessions, index);
    tree.observer = this;
  }

  beforeChange(znode: Znode): void {
    if (znode.snapshotNumber !== this.number) this.write(znode);
  }

  /** The next chunk. Throws SnapshotError superseded. */
  next(): IteratorResult<Uint8Array, undefined> {
    if (this.state === 'superseded') {
      throw new SnapshotError('superseded', 'the state was replaced, or another snapshot begun');
    }
    while (!this.chunks.hasReady && this.state === 'running') this.writeNext();
    const chunk = this.chunks.next();
    return chunk === undefined ? { done: true, value: undefined } : { done: false, value: chunk };
  }

  /** Nobody wants the rest. */
  return(): IteratorResult<Uint8Array, undefined> {
    if (this.state === 'running') this.stop('ended');
    while (this.chunks.next() !== undefined);
    return { done: true, value: undefined };
  }

  /** There will be no rest: whoever asks for it hears so. */
  supersede(): void {
    if (this.state === 'running' || this.chunks.hasReady) this.stop('superseded');
  }

  private stop(state: 'ended' | 'superseded'): void {
    this.state = state;
    if (this.tree.observer === this) this.tree.observer = undefined;
  }

  private writeBeginning(sessions: ReadonlyMap<number, Session>, index: number): void {
    records.writeHeaderRecord(this.chunks.record, index);
    this.chunks.commit();
    for (const list of this.tree.acls.lists()) {
      records.writeAclRecord(this.chunks.record, list);
      this.chunks.commit();
    }
    for (const session of sessions.values()) {
      records.writeSessionRecord(this.chunks.record, session);
      this.chunks.commit();
    }
  }

  private writeNext(): void {
    const { done, value } = this.znodes.next();
    if (done === true) {
      this.writeEnd();
    } else if (value.snapshotNumber !== this.number) {
      this.write(value);
    }
  }

  private write(znode: Znode): void {
    znode.snapshotNumber = this.number;
    records.writeZnodeRecord(this.chunks.record, znode, znode.acl.id);
    this.chunks.commit();
    this.znodesWritten++;
  }

  private writeEnd(): void {
    if (this.znodesWritten !== this.znodesTotal) {
      throw new Error(`snapshot of ${this.znodesTotal} znodes has ${this.znodesWritten}`);
    }
    records.writeEndRecord(this.chunks.record, this.znodesTotal, this.sessionsTotal);
    this.chunks.commit();
    this.chunks.flush();
    this.stop('ended');
  }
}
