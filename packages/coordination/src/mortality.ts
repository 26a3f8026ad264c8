import { CONTAINER, PERSISTENT } from './znode-kind.ts';
import type { Znode } from './znode.ts';

/**
 * Whether a container or TTL node is to go at `timeMs` (ContainerManager.getCandidates): it has no
 * children, and its time is over. A container's time is over once it has had children; one that
 * never had any stays, or goes after `neverUsedMsMax` if that is not 0.
 */
export function isDue(znode: Znode, timeMs: number, neverUsedMsMax: number): boolean {
  if (znode.kind >= PERSISTENT || znode.numChildren > 0) return false;
  const ageMs = timeMs - znode.mtime;
  if (znode.kind !== CONTAINER) return ageMs > -znode.kind;
  if (znode.childrenCreated > 0) return true;
  return neverUsedMsMax > 0 && ageMs > neverUsedMsMax;
}

/**
 * Looks through the containers and TTL nodes in slices, so that a million of them stop nobody. It
 * goes on over changes: what comes meanwhile is seen, too.
 */
export class MortalScan {
  private readonly mortals: Iterator<Znode>;
  private isOver = false;

  /** Use Coordinator.scanMortals. */
  constructor(mortals: Iterable<Znode>) {
    this.mortals = mortals[Symbol.iterator]();
  }

  /** Whether everything was looked at. */
  get isDone(): boolean {
    return this.isOver;
  }

  /**
   * Looks at the next `count` of them.
   *
   * @param timeMs the leader's wall clock; the entries' time decides in the end
   * @returns paths of those that are due: propose their deletion
   */
  next(count: number, timeMs: number, neverUsedMsMax: number): string[] {
    const due: string[] = [];
    for (let i = 0; i < count && !this.isOver; i++) {
      const { done, value } = this.mortals.next();
      if (done === true) this.isOver = true;
      else if (isDue(value, timeMs, neverUsedMsMax)) due.push(value.path);
    }
    return due;
  }
}
