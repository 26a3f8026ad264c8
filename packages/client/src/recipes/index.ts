/** What clients do together: each recipe's guarantees are written at its class. */
export { Barrier } from './barrier.ts';
export { ChildrenCache, type ChildrenByName } from './children-cache.ts';
export { Counter, type CounterOptions } from './counter.ts';
export { DoubleBarrier, type DoubleBarrierOptions } from './double-barrier.ts';
export { GroupMembership, type GroupOptions, type Members } from './group-membership.ts';
export { LeaderElection, type Leader, type ObserveOptions } from './leader-election.ts';
export { randomOfTwo, roundRobin, sticky, type PickStrategy } from './load-balancing.ts';
export { Lock, type LockOptions } from './lock.ts';
export { NodeCache } from './node-cache.ts';
export { PersistentEphemeral, type PersistentEphemeralOptions } from './persistent-ephemeral.ts';
export { PriorityQueue, Queue, type QueueItem, type QueueOptions } from './queue.ts';
export { ReadWriteLock } from './read-write-lock.ts';
export { Semaphore, type SemaphoreOptions } from './semaphore.ts';
export type { ServiceInstance } from './service-instance.ts';
export {
  ServiceRegistry,
  type Registering,
  type Registration,
  type ServiceDirectory,
} from './service-registry.ts';
export { SharedValue } from './shared-value.ts';
export { TreeCache, type TreeCacheOptions, type TreeChange } from './tree-cache.ts';
export type { Layout } from './support/contender-names.ts';
export type { ChangesOptions, Follower } from './support/follower.ts';
export type { Hold, WhenSuspended } from './support/hold.ts';
export type { WaitOptions } from './support/patience.ts';
