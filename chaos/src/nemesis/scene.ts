import type { ChaosCluster } from '../nodes/chaos-cluster.ts';
import type { ChaosNode } from '../nodes/chaos-node.ts';
import type { Strike } from './schedule.ts';

/** Where a strike hits. */
export interface Scene {
  readonly cluster: ChaosCluster;
  readonly strike: Strike;
  /** A running node: the one that is meant, or the next best. */
  readonly node: ChaosNode;
  /** Is everything to heal now? What takes its time looks at it. */
  readonly isOver: () => boolean;
}

/** Makes good what a strike did. */
export type Heal = () => Promise<void>;

/** What a strike does; resolves when it has struck. */
export type Begin = (scene: Scene) => Promise<Heal>;

export const NOTHING_TO_HEAL: Heal = () => Promise.resolve();
