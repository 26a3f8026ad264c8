import type { Reply, WatchEvent } from './decode.ts';
import type { Field } from './fields.ts';
import { TIME_TOLERANCE_MS } from './limits.ts';
import type { ZxidMap } from './zxid-map.ts';

/** One thing that the two systems answered differently. */
export interface Mismatch {
  readonly name: string;
  readonly bellwether: string;
  readonly zookeeper: string;
}

/** The events of one outcome may come in another order within these changes. */
export type Unordered = ReadonlySet<number>;

/** NO_ZXID is what servers before 3.9 send with every event. */
const NO_ZXID = -1;

/** What two answers are compared with: what is the same although its value is not. */
export class Comparison {
  readonly zxids: ZxidMap;
  /** Session ids of Bellwether, and whose they are in ZooKeeper; hexadecimal digits. */
  readonly sessions = new Map<string, string>();

  constructor(zxids: ZxidMap) {
    this.zxids = zxids;
  }

  replies(ours: Reply, theirs: Reply, isChange: boolean): readonly Mismatch[] {
    const mismatches: Mismatch[] = [];
    if (ours.xid !== theirs.xid) mismatches.push(mismatch('xid', ours.xid, theirs.xid));
    if (ours.error !== theirs.error) mismatches.push(mismatch('error', ours.error, theirs.error));
    if (mismatches.length === 0 && !this.#areZxidsSame(ours, theirs, isChange)) {
      const [before, beforeTheirs] = this.zxids.newestUpTo(ours.zxid, theirs.zxid);
      mismatches.push(
        mismatch('zxid', `${ours.zxid} (${before})`, `${theirs.zxid} (${beforeTheirs})`),
      );
    }
    mismatches.push(...this.fields(ours.fields, theirs.fields));
    return mismatches;
  }

  fields(ours: readonly Field[], theirs: readonly Field[]): readonly Mismatch[] {
    const mismatches: Mismatch[] = [];
    for (let i = 0; i < Math.max(ours.length, theirs.length); i += 1) {
      const a = ours[i];
      const b = theirs[i];
      if (a !== undefined && b !== undefined && this.#isSame(a, b)) continue;
      const name = a?.name ?? b!.name;
      mismatches.push(mismatch(name, a?.value ?? 'nothing', b?.value ?? 'nothing'));
    }
    return mismatches;
  }

  /** Events in their order. Those of a change in `unordered` may come in any. */
  events(
    ours: readonly WatchEvent[],
    theirs: readonly WatchEvent[],
    unordered: Unordered,
  ): { readonly mismatches: readonly Mismatch[]; readonly reordered: boolean } {
    const zxids = ours.every((event, i) => this.#isEventZxidSame(event, theirs[i]));
    const a = ours.map(describeEvent);
    const b = theirs.map(describeEvent);
    if (zxids && String(a) === String(b)) return { mismatches: [], reordered: false };
    const sortedA = sortWithin(ours, unordered, a);
    const sortedB = sortWithin(ours, unordered, b);
    const isSame = zxids && String(sortedA) === String(sortedB);
    if (isSame) return { mismatches: [], reordered: true };
    const all = (events: readonly WatchEvent[]) =>
      events.map((event) => `${describeEvent(event)} zxid ${event.zxid}`).join(', ') || 'none';
    return { mismatches: [mismatch('events', all(ours), all(theirs))], reordered: false };
  }

  #areZxidsSame(ours: Reply, theirs: Reply, isChange: boolean): boolean {
    if (isChange && ours.error === 0) return this.zxids.matches(ours.zxid, theirs.zxid);
    return this.zxids.isSameEpoch(ours.zxid, theirs.zxid);
  }

  #isEventZxidSame(ours: WatchEvent, theirs: WatchEvent | undefined): boolean {
    if (theirs === undefined) return false;
    return theirs.zxid === NO_ZXID || this.zxids.matches(ours.zxid, theirs.zxid);
  }

  #isSame(ours: Field, theirs: Field): boolean {
    if (ours.name !== theirs.name) return false;
    switch (ours.kind) {
      case 'exact':
        return ours.value === theirs.value;
      case 'zxid':
        return this.zxids.matches(Number(ours.value), Number(theirs.value));
      case 'time':
        return areTimesSame(Number(ours.value), Number(theirs.value));
      case 'session':
        return (this.sessions.get(String(ours.value)) ?? ours.value) === theirs.value;
      default:
        return ours.kind satisfies never;
    }
  }
}

/** 0 is no time, but what the znodes have that were there before the first change. */
function areTimesSame(ours: number, theirs: number): boolean {
  if (ours === 0 || theirs === 0) return ours === theirs;
  return Math.abs(ours - theirs) <= TIME_TOLERANCE_MS;
}

function mismatch(name: string, ours: string | number, theirs: string | number): Mismatch {
  return { name, bellwether: String(ours), zookeeper: String(theirs) };
}

export function describeEvent(event: WatchEvent): string {
  return `type ${event.type} state ${event.state} path ${event.path}`;
}

/** `texts` with those sorted that stand where one change of `unordered` has its events. */
function sortWithin(
  events: readonly WatchEvent[],
  unordered: Unordered,
  texts: readonly string[],
): readonly string[] {
  const sorted: string[] = [];
  for (let from = 0; from < texts.length;) {
    const zxid = events[from]?.zxid;
    let to = from + 1;
    if (zxid !== undefined && unordered.has(zxid)) {
      while (events[to]?.zxid === zxid) to += 1;
    }
    sorted.push(...texts.slice(from, to).sort());
    from = to;
  }
  return sorted;
}
