export { Coordinator, type AclView } from './coordinator.ts';
export {
  NO_IDENTITIES,
  encodeAttachSession,
  encodeCloseSession,
  encodeCreateSession,
  encodeDeleteMortal,
  encodeIdentities,
  encodeRequestCommand,
  type CloseCause,
  type EncodedIdentities,
  type QuotaRule,
} from './command.ts';
export { isDigestReport } from './digest-report.ts';
export type { MortalScan } from './mortality.ts';
export type { QuotaExceeded } from './quotas.ts';
export { ReplicaWatch, type Divergence } from './replica-watch.ts';
export {
  writeOutcomeReply,
  type FailureCode,
  type Outcome,
  type OutcomeWanted,
} from './outcome.ts';
export { Session, type SessionListener } from './session.ts';
export { SessionTracker, type TrackedSession } from './session-tracker.ts';
export { TouchedSessions, decodeTouchedSessions } from './touched-sessions.ts';
export { NO_ZXID, WatchTable, type WatchKind, type Watcher } from './watch-table.ts';
export type { ZnodeView } from './znode.ts';
export { SnapshotError, SnapshotErrorCode } from './snapshot-error.ts';
export { SNAPSHOT_CHUNK_BYTES_MAX } from './limits.ts';
