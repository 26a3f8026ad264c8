export { StorageError, type StorageErrorCode } from './errors.ts';
export type * from './file-system.ts';
export { CLUSTER_ID_BYTES_MAX, STORAGE_LIMITS, type StorageLimits } from './limits.ts';
export { LogStore, type LogStoreOptions, type RecoveryReport } from './log-store.ts';
export { MemoryFileSystem } from './memory-file-system.ts';
export { RealFileSystem } from './real-file-system.ts';
export type { RepairedTail } from './recovery.ts';
export type { SnapshotReader } from './snapshot-reader.ts';
export type { SnapshotWriter } from './snapshot-writer.ts';
