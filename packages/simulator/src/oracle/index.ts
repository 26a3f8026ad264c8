/** Judges what clients of a cluster were told, simulated or real. */
export type * from './history.ts';
export { OracleError, PROMISES } from './history.ts';
export { judge } from './judge.ts';
export { checkLinearizability } from './linearizability/checker.ts';
export type * from './linearizability/model.ts';
export { znodeModel } from './linearizability/znode-model.ts';
export type { ZnodeInput, ZnodeOutput, ZnodeState } from './linearizability/znode-model.ts';
