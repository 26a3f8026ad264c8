import type { Tree } from './tree.ts';
import type { Znode } from './znode.ts';
import {
  NO_LIMIT,
  QuotaKey,
  quotaValue,
  readQuotaValues,
  writeQuotaStats,
  writeQuotaValues,
  type QuotaValues,
} from './quota-text.ts';

const QUOTA_ROOT = '/zookeeper/quota';
const LIMITS_SUFFIX = '/zookeeper_limits';
const STATS_SUFFIX = '/zookeeper_stats';

/** A change would bring a subtree above its quota. */
export interface QuotaExceeded {
  /** The root of the subtree. */
  readonly path: string;
  readonly what: 'count' | 'bytes';
  /** hard: it was refused, if quotas are enforced. */
  readonly limitKind: 'soft' | 'hard';
  readonly limit: number;
  /** What it would be after the change. */
  readonly value: number;
}

/**
 * Quotas are znodes: `/zookeeper/quota<path>/zookeeper_limits` says how many znodes and bytes there
 * may be at and below <path>, its sibling zookeeper_stats how many there are. The stats are kept
 * here, without a change of version and without an event, as in DataTree.updateQuotaStat. Of
 * several quotas above a znode the nearest counts; the root has none.
 */
export class Quotas {
  private readonly tree: Tree;
  /** By the path that has a quota: where its limits are. */
  private readonly limits = new Map<string, Znode>();

  constructor(tree: Tree) {
    this.tree = tree;
  }

  /** Whether nothing has a quota. */
  get isEmpty(): boolean {
    return this.limits.size === 0;
  }

  /** A znode came into the tree, in whatever way. */
  onInserted(znode: Znode): void {
    const path = subjectOf(znode.path, LIMITS_SUFFIX);
    if (path !== undefined) this.limits.set(path, znode);
  }

  /** A znode went. */
  onRemoved(znode: Znode): void {
    const path = subjectOf(znode.path, LIMITS_SUFFIX);
    if (path !== undefined) this.limits.delete(path);
  }

  /** A znode was created: it counts, and if it is to hold stats, they are made, with limits or without. */
  onCreated(znode: Znode): void {
    const path = subjectOf(znode.path, STATS_SUFFIX);
    if (path !== undefined) this.takeStock(znode, path);
    if (!this.isEmpty) this.onChanged(znode.path, znode.dataLength, 1);
  }

  /** So much came or went at `path`. */
  onChanged(path: string, bytes: number, count: number): void {
    const subject = this.subjectAbove(path);
    if (subject === undefined || (bytes === 0 && count === 0)) return;
    const znode = this.tree.get(QUOTA_ROOT + subject + STATS_SUFFIX);
    if (znode === undefined) return;
    const stats = new Map(readQuotaValues(znode.data));
    stats.set(QuotaKey.count, quotaValue(stats, QuotaKey.count) + count);
    stats.set(QuotaKey.bytes, quotaValue(stats, QuotaKey.bytes) + bytes);
    this.tree.replaceData(znode, writeQuotaValues(stats));
  }

  /** What would exceed a limit if so much came to `path`; a hard limit stands for both. */
  exceededBy(path: string, bytes: number, count: number): QuotaExceeded | undefined {
    const subject = this.subjectAbove(path);
    if (subject === undefined) return undefined;
    const stats = this.tree.get(QUOTA_ROOT + subject + STATS_SUFFIX);
    if (stats === undefined) return undefined;
    const limits = readQuotaValues(this.limits.get(subject)!.data);
    const now = readQuotaValues(stats.data);
    const ofCount = judge(subject, 'count', limits, now, count);
    if (ofCount?.limitKind === 'hard') return ofCount;
    return judge(subject, 'bytes', limits, now, bytes) ?? ofCount;
  }

  /** The nearest path with a quota, from `path` upwards. */
  private subjectAbove(path: string): string | undefined {
    for (let at = path; at.length > 0; at = at.slice(0, at.lastIndexOf('/'))) {
      if (this.limits.has(at)) return at;
    }
    return undefined;
  }

  private takeStock(statsZnode: Znode, path: string): void {
    const subject = this.tree.get(path);
    let count = 0;
    let bytes = 0;
    const waiting = subject === undefined ? [] : [subject];
    for (let znode = waiting.pop(); znode !== undefined; znode = waiting.pop()) {
      count++;
      bytes += znode.dataLength;
      for (const child of znode.children ?? []) waiting.push(child);
    }
    this.tree.replaceData(statsZnode, writeQuotaStats(count, bytes));
  }
}

const HARD_KEYS = { count: QuotaKey.countHard, bytes: QuotaKey.bytesHard } as const;

function judge(
  path: string,
  what: 'count' | 'bytes',
  limits: QuotaValues,
  stats: QuotaValues,
  change: number,
): QuotaExceeded | undefined {
  if (change === 0) return undefined;
  const hard = quotaValue(limits, HARD_KEYS[what]);
  const isHard = hard > NO_LIMIT;
  const limit = isHard ? hard : quotaValue(limits, what);
  const value = quotaValue(stats, what) + change;
  if (limit <= NO_LIMIT || value <= limit) return undefined;
  return { path, what, limitKind: isHard ? 'hard' : 'soft', limit, value };
}

/** Of a znode of a quota, the path that has the quota. */
function subjectOf(path: string, suffix: string): string | undefined {
  if (!path.endsWith(suffix) || !path.startsWith(`${QUOTA_ROOT}/`)) return undefined;
  const subject = path.slice(QUOTA_ROOT.length, -suffix.length);
  return subject === '' ? undefined : subject;
}
