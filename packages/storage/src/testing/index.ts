export {
  CrashError,
  type CrashFate,
  type DiskOperation,
  FaultyFileSystem,
  type FaultyFileSystemOptions,
} from './faulty-file-system.ts';
