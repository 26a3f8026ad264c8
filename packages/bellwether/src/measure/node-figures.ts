import { askWord, type Server } from '../cli/ask-word.ts';

const ASK_MS_MAX = 2_000;

/** Of a node, by its own account, since its process began. */
export interface NodeFigures {
  readonly flushes: number;
  /** Mean, ms. */
  readonly flushMs: number;
}

/** Asks `mntr`; undefined when it does not answer or does not say. */
export async function nodeFigures(server: Server): Promise<NodeFigures | undefined> {
  try {
    const text = await askWord(server, 'mntr', ASK_MS_MAX);
    const flushMs = /^zk_avg_fsynctime\s+([\d.]+)/m.exec(text)?.[1];
    const flushes = /^zk_cnt_fsynctime\s+(\d+)/m.exec(text)?.[1];
    if (flushMs === undefined || flushes === undefined) return undefined;
    return { flushes: Number(flushes), flushMs: Number(flushMs) };
  } catch {
    return undefined;
  }
}
