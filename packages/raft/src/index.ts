export * from './types.ts';
export type * from './messages.ts';
export type * from './ready.ts';
