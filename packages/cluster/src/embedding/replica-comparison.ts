import type { LogIndex, NodeId } from '@bellwether/raft';
import { EMBEDDING_LIMITS } from './limits.ts';
import { decodeReport, encodeReport, type Finding } from './comparison-report.ts';
import type { Applied } from './machine.ts';
import { hashOf } from './structural-hash.ts';

/** State machines that were given the same did not do the same. */
export interface Divergence {
  /** The first command after which they are known to differ. */
  readonly index: LogIndex;
  /** Whether its results differ, or the states behind it. */
  readonly kind: Finding['kind'];
  /** Nodes that came to something else than this one. */
  readonly differing: readonly NodeId[];
  /**
   * outvoted: a majority of the voters came to the same, and this node to something else. outvotes: this
   * node came to the same as that majority. undecided: nobody has a majority.
   */
  readonly verdict: 'outvoted' | 'outvotes' | 'undecided';
}

export interface ComparisonOptions {
  /** Of this node. */
  readonly nodeId: NodeId;
  /** results: what commands return. state: the whole state too, every so many entries. */
  readonly what: 'results' | 'state';
  readonly stateEvery: number;
  /** Ids of the nodes that vote at the moment, this one among them if it does. */
  readonly voters: () => readonly NodeId[];
}

/** One number for each index and kind. */
const keyOf = ({ index, kind }: Pick<Finding, 'index' | 'kind'>): number =>
  index * 2 + (kind === 'state' ? 1 : 0);

/**
 * Compares what this node's state machine came to with what the others' did. It is for development: it
 * hashes every result. All nodes compare with all, so nobody decides for anybody else.
 */
export class ReplicaComparison {
  readonly #options: ComparisonOptions;
  /** Of this node, by key, oldest first. */
  readonly #own = new Map<number, Finding>();
  #unreported: Finding[] = [];
  /** Hashes of others, by key, oldest first. */
  readonly #others = new Map<NodeId, Map<number, number>>();
  /** The first of this node's that is not another's, behind `#settledIndex`. */
  #first: Finding | undefined;
  /** Of the newest difference in which this node was right: others may come, and count anew. */
  #settledIndex: LogIndex = 0;
  /** It was judged, and not decided: others may be heard yet. */
  #isSecondLook = false;
  #toldVerdict: Divergence['verdict'] | undefined;

  constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  onOutcome(index: LogIndex, applied: Applied<unknown>): void {
    const hash = hashOf(applied.outcome === 'done' ? applied.result : applied.error);
    this.#add({ index, kind: 'result', hash });
  }

  /** Whether `onState` is to be called for this index. */
  isStateDue(index: LogIndex): boolean {
    return this.#options.what === 'state' && index % this.#options.stateEvery === 0;
  }

  onState(index: LogIndex, hash: number): void {
    this.#add({ index, kind: 'state', hash });
  }

  /** The state was replaced by a snapshot: what this node came to before is not about it. */
  onRestored(): void {
    this.#own.clear();
    this.#unreported = [];
    this.#first = undefined;
    this.#isSecondLook = false;
    this.#toldVerdict = undefined;
  }

  /** What to tell the others since the last time; undefined when there is nothing. */
  report(): Uint8Array | undefined {
    if (this.#unreported.length === 0) return undefined;
    const report = encodeReport(this.#unreported);
    this.#unreported = [];
    return report;
  }

  onReport(from: NodeId, bytes: Uint8Array): void {
    const theirs = this.#others.get(from) ?? new Map<number, number>();
    this.#others.set(from, theirs);
    for (const finding of decodeReport(bytes)) {
      const key = keyOf(finding);
      theirs.set(key, finding.hash);
      trim(theirs);
      const own = this.#own.get(key);
      if (own !== undefined) this.#compare(own, finding.hash);
    }
  }

  /** What is new about the first difference that was found; called now and then. */
  judge(): Divergence | undefined {
    const divergence = this.#first === undefined ? undefined : this.#judge(this.#first);
    if (divergence === undefined || divergence.verdict === this.#toldVerdict) return undefined;
    this.#toldVerdict = divergence.verdict;
    if (divergence.verdict === 'outvotes') this.#settle(divergence);
    return divergence;
  }

  #settle({ index, differing }: Divergence): void {
    this.#settledIndex = index;
    this.#toldVerdict = undefined;
    this.#lookFurther(differing);
  }

  /** Looks for the next difference, to others than those who were found to be wrong just now. */
  #lookFurther(wrong: readonly NodeId[]): void {
    this.#first = undefined;
    this.#isSecondLook = false;
    for (const [id, theirs] of this.#others) {
      if (wrong.includes(id)) continue;
      for (const [key, hash] of theirs) {
        const own = this.#own.get(key);
        if (own !== undefined) this.#compare(own, hash);
      }
    }
  }

  #add(finding: Finding): void {
    const key = keyOf(finding);
    this.#own.set(key, finding);
    trim(this.#own);
    this.#unreported.push(finding);
    if (this.#unreported.length > EMBEDDING_LIMITS.findingsKept) this.#unreported.shift();
    for (const theirs of this.#others.values()) {
      const hash = theirs.get(key);
      if (hash !== undefined) this.#compare(finding, hash);
    }
  }

  #compare(own: Finding, hash: number): void {
    if (own.hash === hash || own.index <= this.#settledIndex) return;
    if (this.#first === undefined || own.index < this.#first.index) this.#first = own;
  }

  #judge(first: Finding): Divergence | undefined {
    const key = keyOf(first);
    const opinions = new Map<NodeId, number>();
    for (const [id, theirs] of this.#others) {
      const hash = theirs.get(key);
      if (hash !== undefined) opinions.set(id, hash);
    }
    const differing = [...opinions].filter(([, hash]) => hash !== first.hash).map(([id]) => id);
    // Too long ago: what they came to there is not kept any more.
    if (differing.length === 0) {
      this.#lookFurther([]);
      return undefined;
    }
    const { index, kind } = first;
    const verdict = this.#verdict(first.hash, opinions);
    if (verdict !== undefined) return { index, kind, differing, verdict };
    if (this.#isSecondLook) return { index, kind, differing, verdict: 'undecided' };
    this.#isSecondLook = true;
    return undefined;
  }

  /** Undefined as long as nobody has a majority. */
  #verdict(
    own: number,
    opinions: ReadonlyMap<NodeId, number>,
  ): 'outvoted' | 'outvotes' | undefined {
    const voters = this.#options.voters();
    const votes = new Map<number, number>();
    for (const [id, hash] of [...opinions, [this.#options.nodeId, own] as const]) {
      if (voters.includes(id)) votes.set(hash, (votes.get(hash) ?? 0) + 1);
    }
    const winner = [...votes].find(([, count]) => count * 2 > voters.length);
    if (winner === undefined) return undefined;
    return winner[0] === own ? 'outvotes' : 'outvoted';
  }
}

function trim(map: Map<number, unknown>): void {
  if (map.size <= EMBEDDING_LIMITS.findingsKept) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
