import type { Change, HistoryRecord, ReadRecord, WriteRecord } from './history.ts';
import { OracleError } from './history.ts';

/** A change of a znode that is known to have happened. */
export interface Moment {
  readonly zxid: number;
  readonly action: Change['action'];
  /** undefined where nobody was told. */
  value: string | undefined;
  version: number | undefined;
}

/** What is known to have happened to one znode, in the order of the transactions. */
export class Timeline {
  readonly path: string;
  readonly #moments: Moment[] = [];
  readonly #byZxid = new Map<number, Moment>();
  /** Somebody tried to delete it, and may have. */
  mayBeDeleted = false;
  /** It goes with its session. */
  isEphemeral = false;
  /** Somebody else may have made it as well. */
  #makers = 0;
  #isSorted = true;

  constructor(path: string) {
    this.path = path;
  }

  /** Somebody tries to make it. */
  onMaker(): void {
    this.#makers += 1;
  }

  /** Nobody but one ever tried to make it, or its name was given to it alone. */
  get isMadeOnce(): boolean {
    return this.#makers <= 1;
  }

  /** It may be gone although nobody is known to have deleted it. */
  get mayVanish(): boolean {
    return this.mayBeDeleted || this.isEphemeral;
  }

  /** Adds what is news; what is known must be the same. */
  learn(moment: Moment): void {
    const known = this.#byZxid.get(moment.zxid);
    if (known === undefined) {
      const added = { ...moment };
      this.#byZxid.set(moment.zxid, added);
      this.#moments.push(added);
      this.#isSorted = false;
      return;
    }
    const isSame =
      known.action === moment.action &&
      agree(known.value, moment.value) &&
      agree(known.version, moment.version);
    if (!isSame) {
      const both = `${describe(known)} and ${describe(moment)}`;
      throw new OracleError('oneHistory', `${this.path} at ${moment.zxid}: ${both}`);
    }
    known.value ??= moment.value;
    known.version ??= moment.version;
  }

  /** The newest one up to `zxid`. */
  at(zxid: number): Moment | undefined {
    return this.moments[this.#countUpTo(zxid) - 1];
  }

  /** The first one behind `zxid`. */
  after(zxid: number): Moment | undefined {
    return this.moments[this.#countUpTo(zxid)];
  }

  get moments(): readonly Moment[] {
    if (!this.#isSorted) this.#moments.sort((a, b) => a.zxid - b.zxid);
    this.#isSorted = true;
    return this.#moments;
  }

  #countUpTo(zxid: number): number {
    const { moments } = this;
    let low = 0;
    let high = moments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((moments[middle] as Moment).zxid <= zxid) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const agree = <T>(a: T | undefined, b: T | undefined): boolean =>
  a === undefined || b === undefined || a === b;

const describe = ({ action, value, version }: Moment): string =>
  `${action} ${value ?? '?'} version ${version ?? '?'}`;

/** It was answered that it has changed nothing. */
const isRefused = ({ outcome, error }: WriteRecord): boolean =>
  outcome === 'failed' || (outcome === 'done' && error !== 0);

/** Puts together what all clients were told. Throws where they were told different things. */
export class Timelines {
  readonly #byPath = new Map<string, Timeline>();
  readonly #childrenOf = new Map<string, Timeline[]>();
  /** Where each value was written. */
  readonly #zxidOfValue = new Map<string, number>();
  /** Values of writes that were refused. */
  readonly #refused = new Set<string>();

  constructor(records: readonly HistoryRecord[]) {
    for (const record of records) {
      if (record.type !== 'write' || !isRefused(record)) continue;
      for (const { value } of record.changes) if (value !== '') this.#refused.add(value);
    }
    for (const record of records) {
      if (record.type === 'write') this.#learnWrite(record);
      else if (record.type === 'read') this.#learnRead(record);
    }
    for (const record of records) if (record.type === 'write') this.#learnIndirectly(record);
  }

  of(path: string): Timeline {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const timeline = new Timeline(path);
    this.#byPath.set(path, timeline);
    const parent = path.slice(0, path.lastIndexOf('/'));
    const siblings = this.#childrenOf.get(parent) ?? [];
    siblings.push(timeline);
    this.#childrenOf.set(parent, siblings);
    return timeline;
  }

  /** Of all that anybody named below `parent`. */
  childrenOf(parent: string): readonly Timeline[] {
    return this.#childrenOf.get(parent) ?? [];
  }

  /** The transaction that wrote `value`, if anybody saw it. */
  zxidOf(value: string): number | undefined {
    return this.#zxidOfValue.get(value);
  }

  #learnWrite({ changes, outcome, error, zxid }: WriteRecord): void {
    for (const { action, path, kind, made } of changes) {
      if (action === 'delete' && outcome !== 'failed') this.of(path).mayBeDeleted = true;
      if (action !== 'create' || (kind === 'sequential' && made === undefined)) continue;
      const timeline = this.of(made?.path ?? path);
      timeline.onMaker();
      if (kind === 'ephemeral') timeline.isEphemeral = true;
    }
    if (outcome !== 'done' || error !== 0) return;
    for (const change of changes) {
      const { action, value, made } = change;
      const path = made?.path ?? change.path;
      const known = action === 'delete' ? undefined : value;
      this.#learn(path, { zxid, action, value: known, version: made?.version });
    }
  }

  #learnRead({ path, seen, zxid }: ReadRecord): void {
    if (seen === undefined) return;
    const { value, version, czxid, mzxid } = seen;
    if (Math.max(czxid, mzxid) > zxid) {
      const what = `${path} of ${mzxid} is shown by a state of ${zxid}`;
      throw new OracleError('readsSeeTheirState', what);
    }
    const isNew = mzxid === czxid;
    if (!isNew) {
      this.#learn(path, { zxid: czxid, action: 'create', value: undefined, version: 0 });
    }
    this.#learn(path, { zxid: mzxid, action: isNew ? 'create' : 'set', value, version });
  }

  /** The parts of a multi happened together: who has seen one knows of the others. */
  #learnIndirectly({ changes, outcome }: WriteRecord): void {
    if (outcome !== 'indeterminate' || changes.length < 2) return;
    const zxid = changes
      .map(({ value }) => this.zxidOf(value))
      .find((found) => found !== undefined);
    if (zxid === undefined) return;
    for (const { action, path, value } of changes) {
      const known = action === 'delete' ? undefined : value;
      this.#learn(path, { zxid, action, value: known, version: undefined });
    }
  }

  #learn(path: string, moment: Moment): void {
    this.of(path).learn(moment);
    const { value, zxid } = moment;
    if (value === undefined) return;
    if (this.#refused.has(value)) {
      const what = `${value} is there since ${zxid}, though it was answered that it was refused`;
      throw new OracleError('refusedIsUndone', what);
    }
    const known = this.#zxidOfValue.get(value);
    if (known === undefined) this.#zxidOfValue.set(value, zxid);
    else if (known !== zxid) {
      throw new OracleError('appliedOnce', `${value} was written at ${known} and at ${zxid}`);
    }
  }
}
