/** What the textbook model needs. All times in ms. */
export interface TextbookInput {
  readonly heartbeatMs: number;
  readonly electionMs: number;
  readonly synchronisationMs: number;
  /** The period in which one failure is assumed. */
  readonly periodMs: number;
}

/** All times in ms. */
export interface TextbookPrediction {
  /** T_fd. */
  readonly detectionMs: number;
  /** T_fr = T_fd + T_e + T_s. */
  readonly recoveryMs: number;
  /** T_fd + T_fr. */
  readonly downtimeMs: number;
  /** A = 1 - (T_fd + T_fr) / T_total. */
  readonly availability: number;
}

/**
 * The failover budget as textbooks and lecture notes give it: detection takes half a heartbeat interval,
 * T_fd = T_hb / 2; recovery is T_fr = T_fd + T_e + T_s; and A = 1 - (T_fd + T_fr) / T_total. With
 * T_hb = T_e = 1 s, T_s = 2 s and T_total = 100 s: T_fd = 0.5 s, T_fr = 3.5 s, A = 0.96.
 *
 * It is given as it is, for comparison, and is too simple in three ways:
 * - T_fd is counted twice, by itself and within T_fr.
 * - Half an interval is the mean age of the last heartbeat when the leader fails. Nobody notices before the
 *   time-out, which is longer than an interval, has passed since that heartbeat: the age is to be
 *   subtracted from the time-out, not added to anything (`silenceDetection`).
 * - One failure per period is assumed. How many there are follows from MTBF (`predict`).
 */
export function textbookPrediction(input: TextbookInput): TextbookPrediction {
  const detectionMs = input.heartbeatMs / 2;
  const recoveryMs = detectionMs + input.electionMs + input.synchronisationMs;
  const downtimeMs = detectionMs + recoveryMs;
  return { detectionMs, recoveryMs, downtimeMs, availability: 1 - downtimeMs / input.periodMs };
}
