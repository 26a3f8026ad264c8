import type { LogIndex } from '@bellwether/raft';
import { indexOfSnapshotName } from './format.ts';

/**
 * Every operating error of the storage. None goes away by trying again in the same process; what the
 * operator can do stands in the message.
 */
export type StorageErrorCode =
  /** Another process has the directory open. */
  | 'locked'
  /** The files belong to another cluster. */
  | 'wrongCluster'
  /** The files belong to another node of the cluster. */
  | 'wrongNode'
  /** Written by a newer version of the software. */
  | 'newerFormat'
  /** A segment is damaged where it had been durable: a hole, not a torn tail. */
  | 'corruptSegment'
  /** A segment that must be there is not. */
  | 'missingSegment'
  /** The entries between the snapshot and the first segment are not there. */
  | 'missingEntries'
  /** A snapshot file is damaged. */
  | 'corruptSnapshot'
  /** The disk can't read what is in a file any more. */
  | 'unreadable'
  /** The system refused a write or flush; what was not acknowledged may or may not be there. */
  | 'ioFailed'
  /** The store was closed. */
  | 'closed';

/** An operating error: what happened (`code`), where (`file`, `offset`), what to do (`message`). */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  readonly file: string;
  /** Byte offset in `file`; 0 when it is about the whole file. */
  readonly offset: number;

  constructor(
    code: StorageErrorCode,
    file: string,
    offset: number,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.file = file;
    this.offset = offset;
  }
}

const REBUILD =
  'Nothing was changed. The other nodes have what is lost here. Once all of them run and are in step ' +
  '(mntr on the leader: zk_synced_followers counts all others), move this directory away and start ' +
  'this node with an empty one: the leader fills it. Never do that on two nodes at once, and do not ' +
  'delete single files. docs/recovery.md says why.';

export function lockedError(file: string, holder: string): StorageError {
  return new StorageError(
    'locked',
    file,
    0,
    `${file} is held by ${holder}: two processes must not use one directory. Stop the other one, ` +
      'or give this node a directory of its own.',
  );
}

export function wrongClusterError(file: string, found: string, expected: string): StorageError {
  return new StorageError(
    'wrongCluster',
    file,
    0,
    `${file} belongs to cluster "${found}", this node is configured for "${expected}". ` +
      'Correct the cluster id or the directory in the configuration.',
  );
}

export function wrongNodeError(file: string, found: number, expected: number): StorageError {
  return new StorageError(
    'wrongNode',
    file,
    0,
    `${file} belongs to node ${found}, this is node ${expected}. A node must never run on ` +
      "another node's log. Correct the node id or the directory in the configuration.",
  );
}

export function newerFormatError(file: string, offset: number, what: string): StorageError {
  return new StorageError(
    'newerFormat',
    file,
    offset,
    `${file}: ${what} at offset ${offset} was written by a newer version. Start that version again.`,
  );
}

/** `lostFrom`: the first entry that is lost on this node; undefined when that can't be known. */
export function corruptSegmentError(
  file: string,
  offset: number,
  what: string,
  lostFrom: LogIndex | undefined,
): StorageError {
  return new StorageError(
    'corruptSegment',
    file,
    offset,
    `${file} is damaged at offset ${offset}: ${what}. ${lostText(lostFrom)} ${REBUILD}`,
  );
}

export function missingSegmentError(file: string, lostFrom: LogIndex | undefined): StorageError {
  return new StorageError(
    'missingSegment',
    file,
    0,
    `${file} is missing. ${lostText(lostFrom)} ${REBUILD}`,
  );
}

function lostText(lostFrom: LogIndex | undefined): string {
  const which = lostFrom === undefined ? 'the entries' : `entry ${lostFrom} and those`;
  const where = lostFrom === undefined ? 'in it' : 'behind it';
  return `Lost on this node, though acknowledged: ${which} ${where}, and votes since.`;
}

export function missingEntriesError(file: string, from: number, to: number): StorageError {
  return new StorageError(
    'missingEntries',
    file,
    0,
    `${file}: the log's entries ${from} to ${to} are in no segment and no snapshot covers them. ` +
      REBUILD,
  );
}

export function corruptSnapshotError(file: string, offset: number, what: string): StorageError {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const index = indexOfSnapshotName(name);
  const upTo = index === undefined ? 'its index' : `entry ${index}`;
  return new StorageError(
    'corruptSnapshot',
    file,
    offset,
    `${file} is damaged at offset ${offset}: ${what}. Lost on this node: the state up to ${upTo}. ` +
      REBUILD,
  );
}

/** What a read threw: of the system's errors it says where, all others stay as they are. */
export function readError(file: string, offset: number, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('code' in cause)) return cause;
  return new StorageError(
    'unreadable',
    file,
    offset,
    `${file} cannot be read at offset ${offset}: ${cause.message}. What lies there was acknowledged and ` +
      `is lost on this node, unless the disk can be made to read it. ${REBUILD}`,
    cause,
  );
}

export function ioFailedError(file: string, doing: string, cause: unknown): StorageError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StorageError(
    'ioFailed',
    file,
    0,
    `${doing} ${file} failed: ${why}. What was acknowledged before is safe; this node stops, since ` +
      'after a failed write the disk and the memory may differ. See to the disk, then restart it.',
    cause,
  );
}

export function closedError(file: string): StorageError {
  return new StorageError('closed', file, 0, `${file}: the log was closed.`);
}
