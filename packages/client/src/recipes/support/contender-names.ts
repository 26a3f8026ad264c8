/**
 * How the znodes of those who queue are called. Which it is decides with whom a recipe can share its
 * znodes: kazoo's recipes see names of kazoo's kind only, and Curator's see Curator's.
 */
export type Layout = 'kazoo' | 'curator';

/** What a contender is there for. */
export type Role = 'exclusive' | 'write' | 'read' | 'latch' | 'lease';

const NAMES: Readonly<Record<Layout, Readonly<Record<Role, string>>>> = {
  // kazoo's write locks and elections are its locks; it has no latch, and its leases no sequence.
  kazoo: {
    exclusive: '__lock__',
    write: '__lock__',
    read: '__rlock__',
    latch: '__lock__',
    lease: '__lease__',
  },
  curator: {
    exclusive: 'lock-',
    write: '__WRIT__',
    read: '__READ__',
    latch: 'latch-',
    lease: 'lease-',
  },
};

const ALL = [...new Set(Object.values(NAMES).flatMap((names) => Object.values(names)))];
/** The server's number at the end has ten digits, and a sign once it has overflowed. */
const CONTENDER = new RegExp(`(${ALL.join('|')})(-?\\d{10})$`);
const READERS: readonly string[] = [NAMES.kazoo.read, NAMES.curator.read];

/** One of those who queue, whoever's client it is. */
export interface Contender {
  readonly name: string;
  readonly sequence: number;
  readonly isReader: boolean;
}

/** What a contender's name begins with, by which it is found again when an answer was lost. */
export function uniquePrefix(layout: Layout, id: string): string {
  return layout === 'kazoo' ? id.replaceAll('-', '') : `_c_${id}-`;
}

/** The name of a new contender, to which the server appends a number. */
export function contenderName(layout: Layout, role: Role, id: string): string {
  return `${uniquePrefix(layout, id)}${NAMES[layout][role]}`;
}

/** Those of the children who queue, first come first. Contenders of other layouts count too. */
export function sortContenders(children: readonly string[]): readonly Contender[] {
  const contenders: Contender[] = [];
  for (const name of children) {
    const contender = toContender(name);
    if (contender !== undefined) contenders.push(contender);
  }
  return contenders.sort((a, b) => a.sequence - b.sequence);
}

/** All children: of the leases of a semaphore each counts. Those of kazoo have no number. */
export function sortAll(children: readonly string[]): readonly Contender[] {
  const contenders = children.map(
    (name) => toContender(name) ?? { name, sequence: -1, isReader: false },
  );
  return contenders.sort((a, b) => a.sequence - b.sequence);
}

function toContender(name: string): Contender | undefined {
  const match = CONTENDER.exec(name);
  if (match === null) return undefined;
  return { name, sequence: Number(match[2]), isReader: READERS.includes(match[1]!) };
}
