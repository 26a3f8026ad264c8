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
  #isSorted = true;

  constructor(path: string) {
    this.path = path;
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

/** Puts together what all clients were told. Throws where they were told different things. */
export class Timelines {
  readonly #byPath = new Map<string, Timeline>();
  /** Where each value was written. */
  readonly #zxidOfValue = new Map<string, number>();

  constructor(records: readonly HistoryRecord[]) {
    for (const record of records) {
      if (record.type === 'write') this.#learnWrite(record);
      else if (record.type === 'read') this.#learnRead(record);
    }
    for (const record of records) if (record.type === 'write') this.#learnIndirectly(record);
  }

  of(path: string): Timeline {
    let timeline = this.#byPath.get(path);
    if (timeline === undefined) this.#byPath.set(path, (timeline = new Timeline(path)));
    return timeline;
  }

  /** The transaction that wrote `value`, if anybody saw it. */
  zxidOf(value: string): number | undefined {
    return this.#zxidOfValue.get(value);
  }

  #learnWrite({ changes, outcome, error, zxid }: WriteRecord): void {
    for (const { action, path } of changes) {
      if (action === 'delete' && outcome !== 'failed') this.of(path).mayBeDeleted = true;
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
    const known = this.#zxidOfValue.get(value);
    if (known === undefined) this.#zxidOfValue.set(value, zxid);
    else if (known !== zxid) {
      throw new OracleError('appliedOnce', `${value} was written at ${known} and at ${zxid}`);
    }
  }
}
