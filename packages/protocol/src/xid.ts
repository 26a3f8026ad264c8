/** Transaction ids that are not a client's count of its requests. */
export const SpecialXid = {
  /** A watch event; it answers nothing. */
  event: -1,
  ping: -2,
  auth: -4,
  setWatches: -8,
} as const;
