import type { Random } from '@bellwether/raft';

const SECTOR_BYTES = 512;

/** One file's content: as programs see it, and as a power cut would leave it. */
export class Inode {
  #current = new Uint8Array(0);
  #durable = new Uint8Array(0);
  /** Bytes behind the arrays' ends are zero. */
  #size = 0;
  #durableSize = 0;
  /** Sectors written since they were last made durable. */
  readonly #dirty = new Set<number>();
  /** Sectors that the disk can't read. */
  readonly #unreadable = new Set<number>();

  get size(): number {
    return this.#size;
  }

  read(buffer: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(buffer.length, this.#size - position));
    buffer.fill(0, 0, count);
    buffer.set(this.#current.subarray(position, Math.min(position + count, this.#current.length)));
    return count;
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    this.#current = grown(this.#current, end);
    this.#current.set(bytes, position);
    this.#size = Math.max(this.#size, end);
    this.#touch(position, end);
  }

  /** The medium was damaged: both what programs see and what a power cut would leave. */
  overwrite(bytes: Uint8Array, position: number): void {
    const end = Math.min(position + bytes.length, this.#size);
    const visible = bytes.subarray(0, Math.max(0, end - position));
    this.#current = grown(this.#current, end);
    this.#durable = grown(this.#durable, end);
    this.#current.set(visible, position);
    this.#durable.set(visible, position);
  }

  makeUnreadable(position: number): void {
    this.#unreadable.add(Math.floor(position / SECTOR_BYTES));
  }

  isReadable(position: number, length: number): boolean {
    if (this.#unreadable.size === 0) return true;
    const end = Math.min(position + length, this.#size);
    return !Inode.sectorsOf(position, end - position).some((sector) =>
      this.#unreadable.has(sector),
    );
  }

  truncate(size: number): void {
    this.#touch(Math.min(size, this.#current.length), this.#current.length);
    this.#current.fill(0, size);
    this.#size = size;
  }

  /** What `sync` called now has to make durable. */
  dirtySectors(): readonly number[] {
    return [...this.#dirty];
  }

  /** The sectors that `bytes` at `position` lie in. */
  static sectorsOf(position: number, length: number): readonly number[] {
    const first = Math.floor(position / SECTOR_BYTES);
    const last = Math.floor((position + Math.max(0, length - 1)) / SECTOR_BYTES);
    return Array.from({ length: last - first + 1 }, (_, number) => first + number);
  }

  /** The size becomes durable too. */
  makeDurable(sectors: readonly number[]): void {
    for (const sector of sectors) this.#keep(sector);
    this.#durableSize = this.#size;
  }

  /** The power is cut: each dirty sector has reached the disk or not, and so has the size. */
  crash(random: Random): void {
    const sectors = [...this.#dirty].sort((a, b) => a - b);
    for (const sector of sectors) if (random() < 0.5) this.#keep(sector);
    if (random() < 0.5) this.#durableSize = this.#size;
    this.#dirty.clear();
    this.#size = this.#durableSize;
    this.#durable.fill(0, this.#size);
    this.#current = this.#durable.slice();
  }

  /** What is on the platter is not what was written. */
  flipBit(offset: number, bit: number): void {
    for (const bytes of [this.#current, this.#durable]) {
      if (offset < bytes.length) bytes[offset] = (bytes[offset] as number) ^ (1 << bit);
    }
    if (offset < this.#current.length) return;
    this.#current = grown(this.#current, offset + 1);
    this.#durable = grown(this.#durable, offset + 1);
    this.flipBit(offset, bit);
  }

  copy(): Inode {
    const copy = new Inode();
    copy.#current = this.#current.slice();
    copy.#durable = this.#durable.slice();
    copy.#size = this.#size;
    copy.#durableSize = this.#durableSize;
    for (const sector of this.#dirty) copy.#dirty.add(sector);
    for (const sector of this.#unreadable) copy.#unreadable.add(sector);
    return copy;
  }

  #touch(from: number, to: number): void {
    if (to <= from) return;
    for (const sector of Inode.sectorsOf(from, to - from)) {
      this.#dirty.add(sector);
      this.#unreadable.delete(sector);
    }
  }

  #keep(sector: number): void {
    this.#dirty.delete(sector);
    const from = sector * SECTOR_BYTES;
    const to = Math.min(from + SECTOR_BYTES, this.#current.length);
    this.#durable = grown(this.#durable, to);
    this.#durable.fill(0, from, from + SECTOR_BYTES);
    if (from < to) this.#durable.set(this.#current.subarray(from, to), from);
  }
}

function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length <= bytes.length) return bytes;
  const larger = new Uint8Array(Math.max(length, 2 * bytes.length, SECTOR_BYTES));
  larger.set(bytes);
  return larger;
}

/** A change of names that is not durable before the directory is flushed. */
type NameChange =
  | { readonly kind: 'add'; readonly path: string; readonly inode: Inode }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly inode: Inode }
  | { readonly kind: 'remove'; readonly path: string };

/** The names of a disk's files: as programs see them, and as a power cut would leave them. */
export class Names {
  #current = new Map<string, Inode>();
  #durable = new Map<string, Inode>();
  #changes: NameChange[] = [];

  get(path: string): Inode | undefined {
    return this.#current.get(path);
  }

  paths(): readonly string[] {
    return [...this.#current.keys()].sort();
  }

  change(change: NameChange): void {
    this.#changes.push(change);
    apply(this.#current, change);
  }

  makeDurable(directory: string): void {
    const isHere = (path: string): boolean => directoryOf(path) === directory;
    const here = this.#changes.filter((change) => isHere(nameOf(change)));
    for (const change of here) apply(this.#durable, change);
    this.#changes = this.#changes.filter((change) => !isHere(nameOf(change)));
  }

  /** Each change that was not flushed has reached the disk or not, whatever became of the others. */
  crash(random: Random): void {
    for (const change of this.#changes) if (random() < 0.5) apply(this.#durable, change);
    this.#changes = [];
    this.#current = new Map(this.#durable);
  }

  /** The same for the content of the files that have a name now. */
  crashContent(random: Random): void {
    for (const path of this.paths()) this.#current.get(path)?.crash(random);
  }

  copy(): Names {
    const inodes = new Map<Inode, Inode>();
    const copyOf = (inode: Inode): Inode => {
      const copy = inodes.get(inode) ?? inode.copy();
      inodes.set(inode, copy);
      return copy;
    };
    const names = new Names();
    for (const [path, inode] of this.#current) names.#current.set(path, copyOf(inode));
    for (const [path, inode] of this.#durable) names.#durable.set(path, copyOf(inode));
    names.#changes = this.#changes.map((change) =>
      change.kind === 'remove' ? change : { ...change, inode: copyOf(change.inode) },
    );
    return names;
  }
}

function apply(names: Map<string, Inode>, change: NameChange): void {
  switch (change.kind) {
    case 'add':
      names.set(change.path, change.inode);
      return;
    case 'rename':
      names.delete(change.from);
      names.set(change.to, change.inode);
      return;
    case 'remove':
      names.delete(change.path);
  }
}

function nameOf(change: NameChange): string {
  return change.kind === 'rename' ? change.to : change.path;
}

export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
