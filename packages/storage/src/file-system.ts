/**
 * The file system as the log uses it, injected so that tests and the simulator can put a faulty one
 * in its place. Everything blocking here is used at start-up, for snapshots and when a segment is
 * changed, never on the way of a write, which is `writeThrough` alone. Errors are thrown as they come
 * from the system (with `code`, e.g. ENOSPC).
 */
export interface FileSystem {
  /** Creates the directory and its parents; no error when it is there. */
  makeDirectory(path: string): void;
  /** Names in the directory, sorted; empty when it does not exist. */
  list(path: string): string[];
  open(path: string, mode: OpenMode): File;
  /** Replaces `to` when it exists. Durable only after syncDirectory. */
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Makes creations, renames and removals in the directory durable. */
  syncDirectory(path: string): void;
  /**
   * Takes the directory for this process until the returned function is called or the process is
   * gone. Throws a StorageError `locked` while somebody else has it.
   */
  lock(directory: string): () => void;
}

/** 'create' makes an empty file, or empties the one that is there. */
export type OpenMode = 'read' | 'readWrite' | 'create';

export interface File {
  size(): number;
  /** Fills `buffer` from `position`; returns the bytes read, fewer only at the end of the file. */
  read(buffer: Uint8Array, position: number): number;
  /** Writes all of `bytes` at `position`, without flushing. */
  write(bytes: Uint8Array, position: number): void;
  /**
   * Writes all of `bytes` at `position` and makes them durable, without blocking the caller.
   * `bytes` must not change until `onDone`. At most one is under way per file.
   */
  writeThrough(bytes: Uint8Array, position: number, onDone: OnDone): void;
  /** Sets the size; new bytes are zero. */
  truncate(size: number): void;
  /** Makes everything written to this file durable; blocks. */
  sync(): void;
  /** The same without blocking. */
  syncLater(onDone: OnDone): void;
  close(): void;
}

export type OnDone = (error: Error | undefined) => void;
