import { createHash } from 'node:crypto';
import type { ServiceInstance } from './service-instance.ts';

/** How one of several instances is chosen. */
export interface PickStrategy {
  /** Of at least one. */
  pick(instances: readonly ServiceInstance[], load: (id: string) => number): ServiceInstance;
}

/** One after the other. */
export function roundRobin(): PickStrategy {
  let next = 0;
  return {
    pick: (instances) => {
      const chosen = instances[next % instances.length]!;
      next = (next + 1) % Number.MAX_SAFE_INTEGER;
      return chosen;
    },
  };
}

/** Of two by chance the one with fewer calls under way: nearly as good as knowing all. */
export function randomOfTwo(random: () => number = Math.random): PickStrategy {
  return {
    pick: (instances, load) => {
      const first = Math.floor(random() * instances.length);
      const others = instances.length - 1;
      if (others === 0) return instances[first]!;
      const second = (first + 1 + Math.floor(random() * others)) % instances.length;
      const [a, b] = [instances[first]!, instances[second]!];
      return load(b.id) < load(a.id) ? b : a;
    },
  };
}

/**
 * The same instance for the same key, as long as it is there; when one goes, only its keys move
 * (rendezvous hashing).
 */
export function sticky(key: string): PickStrategy {
  return {
    pick: (instances) => {
      let [best] = instances;
      let bestWeight = '';
      for (const instance of instances) {
        const weight = createHash('sha1').update(`${key}\u0000${instance.id}`).digest('hex');
        if (weight <= bestWeight) continue;
        best = instance;
        bestWeight = weight;
      }
      return best!;
    },
  };
}
