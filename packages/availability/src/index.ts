export { CHAIN_STATES_MAX, exploreChain, meanTimesTo, stationaryDistribution } from './chain.ts';
export type { Chain, Transition } from './chain.ts';
export { mistakesIn, SPARES_MAX, VOTERS_MAX, ZONES_MAX } from './checks.ts';
export type { Mistake } from './checks.ts';
export type { DataLoss } from './data-loss.ts';
export type { Distribution } from './distribution.ts';
export { meanEstimate, sampleQuantile, unavailabilityEstimate } from './estimate.ts';
export type { Cycle, Estimate } from './estimate.ts';
export {
  FAILURE_KINDS,
  failoverDistribution,
  failoverTerms,
  meanFailoverMs,
  PHASES,
} from './failover.ts';
export type { FailoverTerms, FailureKind, Phase } from './failover.ts';
export { downtimeMsPerYear, failureProbability, ninesOf, nodeUnavailability } from './poisson.ts';
export { CAUSES, predict } from './predict.ts';
export type { Cause, CauseOfDowntime, Prediction } from './predict.ts';
export {
  failureTolerance,
  quorumOf,
  SCENARIO_DEFAULT,
  silenceBoundMs,
  withVoters,
} from './scenario.ts';
export type {
  Disks,
  Failures,
  Machine,
  Maintenance,
  Members,
  Scenario,
  Stalls,
  Timing,
  Zones,
} from './scenario.ts';
export { textbookPrediction } from './textbook.ts';
export type { TextbookInput, TextbookPrediction } from './textbook.ts';
export { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, YEAR_MS } from './time.ts';
export { leversFor, withLever } from './levers.ts';
export type { Lever, LeverName } from './levers.ts';
