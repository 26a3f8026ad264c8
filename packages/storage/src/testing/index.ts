export {
  CrashError,
  type DiskOperation,
  FaultyFileSystem,
  type FaultyFileSystemOptions,
} from './faulty-file-system.ts';
