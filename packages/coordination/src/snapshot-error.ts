/** Why a snapshot can't be restored, or no more of it be had. A retry needs another snapshot. */
export const SnapshotErrorCode = {
  /** The chunks don't make sense: damaged, or of an unknown version. */
  malformed: 'malformed',
  /** The end record is missing, or counts something else. */
  incomplete: 'incomplete',
  /** The state was replaced, or another snapshot was begun, while this one was being taken. */
  superseded: 'superseded',
} as const;
export type SnapshotErrorCode = (typeof SnapshotErrorCode)[keyof typeof SnapshotErrorCode];

export class SnapshotError extends Error {
  readonly code: SnapshotErrorCode;

  constructor(code: SnapshotErrorCode, message: string) {
    super(message);
    this.name = 'SnapshotError';
    this.code = code;
  }
}
