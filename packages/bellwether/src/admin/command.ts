import type { Inspection } from '../server/inspection.ts';

/** Values as they go out in JSON. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What a command tells besides its name. */
export type JsonFields = Readonly<Record<string, Json>>;

/** A command of the admin server; the first of its names is the one that it is listed under. */
export interface AdminCommand {
  readonly names: readonly [string, ...string[]];
  /** serving: only while this node serves requests, as in ZooKeeper. */
  readonly when: 'always' | 'serving';
  readonly run: (inspection: Inspection, query: URLSearchParams) => JsonFields;
}

/** A command of ZooKeeper's that there is no counterpart to, and what to do instead. */
export interface RefusedCommand {
  readonly names: readonly [string, ...string[]];
  readonly why: string;
}
