import { CreateMode, OPEN_ACL } from '@bellwether/protocol';
import type { CreateStep, Request, Step } from './steps.ts';

/** A round that is written by hand, for what chance would not come to. */
export interface Script {
  readonly name: string;
  readonly steps: readonly Step[];
  /**
   * ensemble: what a server on its own refuses. mortals: servers that look often for what goes by itself,
   * which no other round could be compared on.
   */
  readonly needs?: 'ensemble' | 'mortals';
}

export function ask(session: number, request: Request): Step {
  return { session, kind: 'request', request };
}

export function create(path: string, flags: number = CreateMode.persistent): CreateStep {
  return { op: 'create', path, data: 'x', acls: OPEN_ACL, flags };
}

export function createContainer(path: string): CreateStep {
  return { ...create(path, CreateMode.container), op: 'createContainer' };
}
