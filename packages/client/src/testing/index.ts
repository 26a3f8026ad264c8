/**
 * What recipes are tested with, in processes and in the simulator: clients that play every recipe, and
 * a judge who decides whether what they did was right. Not part of what the client promises.
 */
export { LocalJudge, type Judge } from './judge.ts';
export { findLeftovers, judgeTheEnd } from './leftovers.ts';
export { Player, type PlayerOptions } from './player.ts';
