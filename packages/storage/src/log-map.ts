import type { LogIndex, Term } from '@bellwether/raft';
import { assert } from './assert.ts';
import type { Segment } from './segment.ts';
import { TermRuns } from './term-runs.ts';

/** The term of the entry before the first one is not known. */
const UNKNOWN_TERM: Term = -1;

/**
 * What the records of the log come to: which entries there are, of which term, in which segment at
 * which offset. Recovery and the running store go through the same operations.
 * Invariant: baseIndex <= lastIndex; every index in (baseIndex, lastIndex] is live in exactly one segment.
 */
export class LogMap {
  #baseIndex: LogIndex = 0;
  #baseTerm: Term = 0;
  #lastIndex: LogIndex = 0;
  /** By sequence, without a gap. */
  readonly #segments: Segment[] = [];
  readonly #terms = new TermRuns();

  get firstIndex(): LogIndex {
    return this.#baseIndex + 1;
  }

  get lastIndex(): LogIndex {
    return this.#lastIndex;
  }

  get isBaseTermKnown(): boolean {
    return this.#baseTerm !== UNKNOWN_TERM;
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  addSegment(segment: Segment): void {
    const last = this.#segments.at(-1);
    if (last) assert(segment.sequence === last.sequence + 1, 'segments have consecutive numbers');
    this.#segments.push(segment);
  }

  /** For firstIndex - 1 <= index <= lastIndex. */
  term(index: LogIndex): Term {
    assert(index >= this.#baseIndex, 'term(): index >= firstIndex - 1');
    assert(index <= this.#lastIndex, 'term(): index <= lastIndex');
    return index === this.#baseIndex ? this.#baseTerm : this.#terms.at(index);
  }

  /** Adds an entry to the newest segment; it and all behind it are replaced if they are there. */
  add(index: LogIndex, term: Term, segment: Segment, offset: number): void {
    if (index <= this.#lastIndex) this.#removeFrom(index);
    assert(index === this.#lastIndex + 1, 'an entry follows the last one or replaces one');
    segment.add(index, offset);
    this.#terms.add(index, term);
    this.#lastIndex = index;
  }

  /** Forgets all entries: the log goes on behind `index`. */
  restart(index: LogIndex, term: Term): void {
    for (const segment of this.#segments) segment.cut(0);
    this.#terms.removeFrom(0);
    this.#baseIndex = index;
    this.#baseTerm = term;
    this.#lastIndex = index;
  }

  /** Forgets the entries up to `index`, whose term is `term`, though they are still on disk. */
  raiseBase(index: LogIndex, term: Term): void {
    assert(index >= this.#baseIndex, 'the base only rises');
    assert(index <= this.#lastIndex, 'the base stays within the log');
    this.#terms.removeBelow(index + 1);
    this.#baseIndex = index;
    this.#baseTerm = term;
  }

  /** Sequence of the oldest segment that is needed for the entries behind `index`. */
  firstSegmentBehind(index: LogIndex): number {
    const newest = this.#segments.at(-1);
    assert(newest !== undefined, 'there is a segment');
    for (const segment of this.#segments) {
      if (segment.count > 0 && segment.lastIndex > index) return segment.sequence;
    }
    return newest.sequence;
  }

  /** Takes out the segments before `sequence`, together with the entries in them. */
  takeSegmentsBefore(sequence: number): readonly Segment[] {
    const kept = this.#segments.findIndex((segment) => segment.sequence >= sequence);
    assert(kept >= 0, 'a segment stays');
    const taken = this.#segments.slice(0, kept);
    const live = this.#segments.slice(kept).find((segment) => segment.count > 0);
    const base = Math.max(this.#baseIndex, (live?.firstIndex ?? this.#lastIndex + 1) - 1);
    this.raiseBase(base, this.term(base));
    this.#segments.splice(0, kept);
    return taken;
  }

  /** The segment in which the entry at `index` is. */
  locate(index: LogIndex): Segment {
    for (let at = this.#segments.length - 1; at >= 0; at -= 1) {
      const segment = this.#segments[at] as Segment;
      if (segment.count > 0 && segment.firstIndex <= index) return segment;
    }
    assert(false, 'the entry is in a segment');
  }

  #removeFrom(index: LogIndex): void {
    for (let at = this.#segments.length - 1; at >= 0; at -= 1) {
      const segment = this.#segments[at] as Segment;
      if (segment.count === 0) continue;
      if (segment.lastIndex < index) break;
      segment.cut(index);
    }
    this.#terms.removeFrom(index);
    this.#lastIndex = index - 1;
    if (index <= this.#baseIndex) {
      this.#baseIndex = index - 1;
      this.#baseTerm = UNKNOWN_TERM;
    }
  }
}
