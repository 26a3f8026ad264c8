/** Times are milliseconds everywhere in this package, and rates are events per millisecond. */
export const SECOND_MS = 1_000;
/** 60 seconds. */
export const MINUTE_MS = 60 * SECOND_MS;
/** 60 minutes. */
export const HOUR_MS = 60 * MINUTE_MS;
/** 24 hours. */
export const DAY_MS = 24 * HOUR_MS;
/** A Julian year, 365.25 days. */
export const YEAR_MS = 365.25 * DAY_MS;
